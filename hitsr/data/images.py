"""Reading and writing images: uint8 RGB arrays `(H, W, 3)`, PNG on disk."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from hitsr.atomic import write_bytes
from hitsr.errors import ImageError

BITS_PER_SAMPLE = 258
"""TIFF tag."""


def read_rgb(path: str | Path) -> np.ndarray:
    """Read an 8-bit image as uint8 RGB `(H, W, 3)`. Gray, palette and black-and-white images become RGB.

    Raises:
        ImageError: missing, truncated, not an image, more than 8 bits per sample, or see-through.
    """
    path = Path(path)
    try:
        with Image.open(path) as image:
            if _deep(image, path):
                raise ImageError(f"{path}: has more than 8 bits per sample; convert it to 8 bits first")
            image.load()
            if "A" in image.getbands() or "transparency" in image.info:
                image = image.convert("RGBA")
                if image.getchannel("A").getextrema()[0] < 255:
                    raise ImageError(f"{path}: has transparent pixels; flatten it onto a background first")
            return np.array(image.convert("RGB"))
    except ImageError:
        raise
    except FileNotFoundError as error:
        raise ImageError(f"{path}: no such image") from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{path}: not an image; remove it from the folder or replace it") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageError(f"{path}: cannot be decoded ({error}); it may be truncated, replace it") from error


def _deep(image: Image.Image, path: Path) -> bool:
    """Whether samples have more than 8 bits; Pillow itself reads 16-bit RGB as 8-bit without a word."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return True
    if image.format == "PNG":
        with path.open("rb") as file:
            return file.read(25)[24] > 8
    if image.format == "TIFF":
        bits = image.tag_v2.get(BITS_PER_SAMPLE, 8)
        return max(bits if isinstance(bits, tuple) else (bits,)) > 8
    return False


def png_bytes(image: np.ndarray) -> bytes:
    """A uint8 RGB image as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return buffer.getvalue()


def write_png(path: str | Path, image: np.ndarray) -> None:
    """Write a uint8 RGB image, atomically."""
    write_bytes(path, png_bytes(image))
