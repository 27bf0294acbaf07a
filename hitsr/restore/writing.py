"""Writing super-resolved images for people: PNG, JPEG or WebP, with transparency and colour profile."""

import io
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from hitsr.atomic import write_bytes
from hitsr.errors import ImageError

Extension = Literal["png", "jpg", "webp"]
FORMATS: dict[str, tuple[str, dict]] = {
    "png": ("PNG", {}),
    "jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    "webp": ("WEBP", {"lossless": True, "exact": True}),
}
"""Pillow's name and options of each: JPEG without loss of colour resolution, WebP without any loss."""
LARGEST = {"jpg": 65500, "webp": 16383}
"""Pixels of a side that a format can hold."""


def write_image(path: Path, rgb: np.ndarray, alpha: np.ndarray | None, profile: bytes | None) -> None:
    """Write an image in the format of its suffix, atomically.

    Args:
        rgb: uint8 `(H, W, 3)`.
        alpha: uint8 `(H, W)`, or None where every pixel is opaque.
        profile: ICC profile that the values are in; None for sRGB.

    Raises:
        ImageError: the format cannot hold it.
        ResultError: the file cannot be written.
    """
    end = path.suffix[1:]
    form, options = FORMATS[end]
    if alpha is not None and end == "jpg":
        raise ImageError(f"{path}: JPEG cannot hold transparent pixels; take --ext png, or --flatten '#ffffff'")
    if max(rgb.shape[:2]) > LARGEST.get(end, max(rgb.shape[:2])):
        size = f"{rgb.shape[1]}x{rgb.shape[0]} pixels"
        raise ImageError(f"{path}: {size}, of which {form} holds {LARGEST[end]} a side; take --ext png")
    buffer = io.BytesIO()
    pixels = rgb if alpha is None else np.dstack([rgb, alpha])
    Image.fromarray(pixels).save(buffer, format=form, icc_profile=profile, **options)
    write_bytes(path, buffer.getvalue())
