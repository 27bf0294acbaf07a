"""Images as uint8 RGB arrays `(H, W, 3)`: written as PNG, and read again if they are still what was written."""

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from hitsr.atomic import write_bytes
from hitsr.data.decoding import decode, unlimited
from hitsr.errors import ImageError, ResultError


def read_rgb(path: str | Path) -> np.ndarray:
    """Read any 8-bit image as uint8 RGB `(H, W, 3)`, upright, with its values as they are stored.

    Raises:
        ImageError: missing, truncated, not a still image, more than 8 bits per sample, or see-through.
    """
    photograph = decode(path, colours="stored")
    if photograph.alpha is not None:
        raise ImageError(f"{path}: has transparent pixels; flatten it onto a background first")
    return photograph.rgb


def read_verified(path: Path, sha256: str, remedy: str) -> np.ndarray:
    """Read an image that this suite wrote, uint8 RGB `(H, W, 3)`, if it is still the one that was written.

    Args:
        sha256: of the file, from the record that lists it.
        remedy: how it is made again.

    Raises:
        ResultError: missing, changed or damaged since, naming it and the remedy.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror}); {remedy}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ResultError(f"{path}: is not the image that was recorded: changed or damaged since; {remedy}")
    with unlimited(), Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        return np.array(image.convert("RGB"))


def png_bytes(image: np.ndarray) -> bytes:
    """A uint8 RGB image as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return buffer.getvalue()


def write_png(path: str | Path, image: np.ndarray) -> str:
    """Write a uint8 RGB image, atomically; returns the SHA-256 of the file."""
    data = png_bytes(image)
    write_bytes(path, data)
    return hashlib.sha256(data).hexdigest()
