"""Photographs that an installed package (scikit-image) ships with a free licence: no download is needed."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from hitsr.errors import ImageError


@dataclass(frozen=True)
class Photograph:
    """A photograph, its file in scikit-image's data folder, and what its documentation says of its rights."""

    file: str
    source: str
    licence: str

    @property
    def path(self) -> Path:
        """Where the file lies.

        Raises:
            ImageError: the installed scikit-image does not have it.
        """
        package = importlib.util.find_spec("skimage")
        if package is None or package.origin is None:
            raise ImageError(f"{self.file}: comes with scikit-image, which is not installed (pip install scikit-image)")
        path = Path(package.origin).parent / "data" / self.file
        if not path.is_file():
            raise ImageError(
                f"{path}: not part of the installed scikit-image; install its wheel, version 0.25 or later"
            )
        return path


PHOTOGRAPHS = {
    "coffee": Photograph("coffee.png", "Rachel Michetti, courtesy of Pikolo Espresso Bar", "CC0"),
    "rocket": Photograph("rocket.jpg", "SpaceX, launch of DSCOVR", "Public domain"),
    "hubble_deep_field": Photograph("hubble_deep_field.jpg", "NASA, Hubble eXtreme Deep Field", "Public domain"),
    "retina": Photograph("retina.jpg", "Mikael Häggström, fundus of a normal left eye", "CC0 1.0"),
    "brick": Photograph("brick.png", "CC0Textures, Bricks25", "CC0"),
    "grass": Photograph("grass.png", "linolafett (DeviantArt), Grass-01", "CC0"),
    "gravel": Photograph("gravel.png", "CC0Textures, Gravel04", "CC0"),
    "astronaut": Photograph("astronaut.png", "NASA, Eileen Collins", "Public domain"),
    "chelsea": Photograph("chelsea.png", "Stefan van der Walt, Chelsea the cat", "CC0"),
    "camera": Photograph("camera.png", "Lav Varshney, cameraman", "CC0"),
}
"""By name. As stated by the documentation of `skimage.data`; its stereo pair states no licence and is left out."""
