"""Images as uint8 RGB arrays `(H, W, 3)`: read from files of any kind, written as PNG."""

from pathlib import Path

import numpy as np

from hitsr.data.decoding import decode
from hitsr.data.png import png_bytes, write_png
from hitsr.errors import ImageError

__all__ = ["png_bytes", "read_rgb", "write_png"]


def read_rgb(path: str | Path) -> np.ndarray:
    """Read any 8-bit image as uint8 RGB `(H, W, 3)`, upright, with its values as they are stored.

    Raises:
        ImageError: missing, truncated, not a still image, more than 8 bits per sample, or see-through.
    """
    photograph = decode(path, colours="stored")
    if photograph.alpha is not None:
        raise ImageError(f"{path}: has transparent pixels; flatten it onto a background first")
    return photograph.rgb
