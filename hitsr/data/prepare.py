"""Make a data set: high-resolution images as PNG, low-resolution ones by bicubic downscaling, and their list.

DATASET/HR/NAME.png        the photograph, uncropped
DATASET/LR/xS/NAME.png     downscaled from the photograph cropped to a multiple of S
DATASET/xS.json            the list of images with source, licence, size and checksum; written last

Where the source has low-resolution images in a customary place, ours are compared with them pixel by pixel, and the
list says in how many they differ; ours are used.
"""

import hashlib
import math
from pathlib import Path

import numpy as np

from hitsr.atomic import write_bytes, write_json
from hitsr.data.adoption import given_low
from hitsr.data.degradation import downscale
from hitsr.data.images import png_bytes, read_rgb
from hitsr.data.layout import hr_path, lr_path
from hitsr.data.sources import Source, sources, takes_given_low
from hitsr.errors import ImageError
from hitsr.progress import progress


def prepare(dataset: dict, name: str, scale: int, folder: Path, root: Path | None = None) -> None:
    """Make data set `name` at `scale` in `folder`; images that are there already are left as they are.

    Args:
        dataset: its entry in the configuration: `photographs`, `folder` or `public`, and what to take of them.
        root: folder of the public data sets; nothing else needs it.

    Raises:
        ImageError: a missing or empty folder, an unreadable image, or one smaller than `scale`.
        ConfigError: a name under `images` or `exclude` that the folder does not have.
    """
    images = []
    selected = sources(dataset, name, root).images
    for item in progress(selected, desc=f"{name} x{scale}", unit="image"):
        high = _rows(read_rgb(item.path), dataset.get("rows", (0, 1)))
        try:
            low = downscale(high, scale)
        except ImageError as error:
            raise ImageError(f"{item.path}: {error}; leave it out with `exclude: [{item.name}]`") from error
        data = png_bytes(high)
        _write(hr_path(folder, item.name), data)
        _write(lr_path(folder, scale, item.name), png_bytes(low))
        images.append(
            {
                "name": item.name,
                "source": item.source,
                "licence": item.licence,
                "width": high.shape[1],
                "height": high.shape[0],
                "sha256": hashlib.sha256(data).hexdigest(),
                **_compared(low, item, scale, dataset),
            }
        )
    write_json(folder / f"x{scale}.json", {"kind": "dataset", "name": name, "scale": scale, "images": images})


def _compared(low: np.ndarray, item: Source, scale: int, dataset: dict) -> dict:
    """Ours against a given low-resolution image of a whole photograph: its file, and in how many pixels they differ."""
    path = given_low(item.path, scale) if takes_given_low(dataset) else None
    if path is None:
        return {}
    given = read_rgb(path)
    same_size = given.shape == low.shape
    differing = int((given != low).any(axis=2).sum()) if same_size else low.shape[0] * low.shape[1]
    return {"given_low": {"file": str(path), "same_size": same_size, "differing_pixels": differing}}


def _rows(image: np.ndarray, rows: tuple[float, float]) -> np.ndarray:
    first, last = (math.floor(fraction * image.shape[0]) for fraction in rows)
    return image[first:last]


def _write(path: Path, data: bytes) -> None:
    if not (path.is_file() and path.read_bytes() == data):
        write_bytes(path, data)
