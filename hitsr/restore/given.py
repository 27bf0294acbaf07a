"""Super-resolved images that something else made: an external program, or the authors of a method.

A pattern says where they lie, such as `visual/{dataset}/x{scale}/{image}_IMDN_x{scale}.png`. `{dataset}`, `{scale}` and
`{image}` stand for the names in this suite; `*`, `?` and `[...]` match as in a shell.
"""

import glob
import string
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hitsr.data.folders import EXTENSIONS
from hitsr.data.images import read_rgb
from hitsr.errors import ConfigError, ImageError

FIELDS = ("dataset", "scale", "image")
SHOWN = 5
"""Names that a message lists at most."""


@dataclass(frozen=True)
class Given:
    """The images of one data set that a pattern finds.

    Attributes:
        files: by name of the image, one for each.
        extra: files that the pattern also matches, of images that the data set does not have.
    """

    files: dict[str, Path]
    extra: list[Path]


def check_pattern(pattern: str, where: str) -> None:
    """Require a pattern that tells images apart.

    Raises:
        ConfigError: an unknown field, or no `{image}`; `where` is the path of the key.
    """
    try:
        found = {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}
    except ValueError as error:
        raise ConfigError(
            f"{where}: {pattern!r} is not a pattern ({error}); write {{image}} where the name stands"
        ) from error
    unknown = sorted(found.difference(FIELDS))
    if unknown:
        raise ConfigError(f"{where}: unknown field {{{unknown[0]}}}; there are {{dataset}}, {{scale}} and {{image}}")
    if "image" not in found:
        raise ConfigError(f"{where}: {pattern!r} finds one file for all images; put {{image}} where their name stands")


def find(pattern: str, dataset: str, scale: int, names: list[str]) -> Given:
    """The file of every image of a data set.

    Args:
        names: of the images of the data set.

    Raises:
        ImageError: images without a file, or with several; the message names them.
    """
    files: dict[str, Path] = {}
    missing = []
    for name in names:
        found = _matches(pattern, dataset, scale, glob.escape(name))
        if len(found) > 1:
            raise ImageError(
                f"{dataset}: {_listed([str(path) for path in found])} all match {pattern!r} for the image {name!r}; "
                "make the pattern more precise"
            )
        if found:
            files[name] = found[0]
        else:
            missing.append(name)
    if missing:
        example = _filled(pattern, dataset, scale, missing[0])
        raise ImageError(
            f"{dataset} x{scale}: no super-resolved image for {_listed(missing)} ({len(missing)} of {len(names)}); "
            f"looked for {example}; add them, correct the pattern, or leave them out with `exclude`"
        )
    known = set(files.values())
    return Given(files, [path for path in _matches(pattern, dataset, scale, "*") if path not in known])


def read(path: Path, low: np.ndarray, scale: int) -> np.ndarray:
    """A super-resolved image, uint8 `(s H, s W, 3)`, for its low-resolution image `(H, W, 3)`.

    Raises:
        ImageError: another size, gray where the low-resolution image is in colour, or not an 8-bit image.
    """
    image = read_rgb(path)
    height, width = low.shape[0] * scale, low.shape[1] * scale
    if image.shape[:2] != (height, width):
        raise ImageError(
            f"{path}: {image.shape[1]}x{image.shape[0]} pixels, expected {width}x{height} "
            f"({low.shape[1]}x{low.shape[0]} times {scale}); was it made from another image or at another scale?"
        )
    if _gray(image) and not _gray(low):
        raise ImageError(f"{path}: gray, but its low-resolution image is in colour; write all three channels")
    return image


def _gray(image: np.ndarray) -> bool:
    return bool((image == image[..., :1]).all())


def _matches(pattern: str, dataset: str, scale: int, image: str) -> list[Path]:
    # Path.glob takes no absolute patterns
    found = glob.glob(_filled(pattern, glob.escape(dataset), scale, image))  # noqa: PTH207
    return sorted(Path(path) for path in found if path.lower().endswith(EXTENSIONS))


def _filled(pattern: str, dataset: str, scale: int, image: str) -> str:
    return str(Path(pattern.format(dataset=dataset, scale=scale, image=image)).expanduser())


def _listed(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
