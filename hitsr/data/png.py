"""PNG files of this suite: written whole, and read again only if they are still what was written."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from hitsr.atomic import write_bytes
from hitsr.errors import ResultError


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


@contextmanager
def unlimited() -> Iterator[None]:
    """Within it Pillow opens images of any size: they are the user's own, or ours."""
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before
