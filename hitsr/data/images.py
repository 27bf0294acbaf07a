"""Reading and writing images: uint8 RGB arrays `(H, W, 3)`, PNG on disk."""

import io
import re
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from hitsr.atomic import write_bytes
from hitsr.errors import ImageError

EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
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


def list_images(folder: str | Path) -> list[Path]:
    """The image files of a folder, by file name; hidden files and files of other kinds are passed over.

    Raises:
        ImageError: the folder is missing, holds no image, or two images of one name.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ImageError(f"{folder}: no such folder of images")
    found = [p for p in folder.iterdir() if p.suffix.lower() in EXTENSIONS and not p.name.startswith(".")]
    if not found:
        raise ImageError(f"{folder}: holds no image ({', '.join(e[1:] for e in EXTENSIONS)})")
    seen: dict[str, Path] = {}
    for path in found:
        if path.stem in seen:
            raise ImageError(f"{folder}: {seen[path.stem].name} and {path.name} have the same name; rename one")
        seen[path.stem] = path
    return sorted(found, key=_natural)


def _natural(path: Path) -> list:
    """Sort img2 before img10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.stem.lower())]
