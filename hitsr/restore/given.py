"""Super-resolved images that something else made: an external program, or the authors of a method."""

import sys
from pathlib import Path

import numpy as np

from hitsr.data.images import read_rgb
from hitsr.errors import ImageError, printable
from hitsr.restore.patterns import find, listed
from hitsr.restore.run import Upscaler


def ready(pattern: str, dataset: str, scale: int, names: list[str], *, strict: bool = False) -> Upscaler:
    """What takes the ready image of each image of a data set.

    Args:
        names: of the images of the data set.
        strict: refuse files of other images, as of a program that this run has started; else they are named and
            passed over.

    Raises:
        ImageError: images without a file, or with several; files of other images, if `strict`.
    """
    found = find(pattern, dataset, scale, names)
    if found.extra:
        others = listed([str(path) for path in found.extra])
        if strict:
            raise ImageError(
                f"{dataset} x{scale}: {others}: no image of the data set has this name; the program must write one "
                "image for each that it is given, of the same name"
            )
        print(printable(f"{dataset} x{scale}: passed over, of no image of the data set: {others}"), file=sys.stderr)
    return lambda name, low: read(found.files[name], low, scale)


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
