"""Decoding the images that users bring: upright, in sRGB, with their transparency apart, and what was done is said.

Whatever would change numbers or colours without a word is either done and noted, or refused in one line.
"""

import hashlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import ExifTags, Image, ImageColor, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError

from hitsr.data.colours import in_srgb, profile_of
from hitsr.data.png import unlimited
from hitsr.data.rows import BITS_PER_SAMPLE, jpeg_lacks_rows, png_lacks_rows, tiff_lacks_rows
from hitsr.errors import ConfigError, ImageError

FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "PPM", "GIF")
"""What Pillow decodes exactly; its other formats reduce deep samples without a word, or run other programs."""
ANIMATED = ("PNG", "WEBP", "GIF", "TIFF")
"""Formats in which several frames are several images; the second one of a JPEG file (MPO) is a preview."""
LARGE = 100_000_000
"""Pixels from which memory is looked at first."""
DAMAGE: tuple[type[Exception], ...] = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, SyntaxError, TypeError, ValueError, struct.error,
    zlib.error,
)  # fmt: skip
"""What Pillow raises on damaged files."""
LACKS_ROWS = "holds fewer rows than its header says; it was damaged, replace it"
Colours = Literal["srgb", "stored", "kept"]


class SeveralImagesError(ImageError):
    """A file holds several images: an animation, or pages."""

    def __init__(self, path: Path, count: int):
        self.reason = f"holds {count} images (an animation, or pages)"
        super().__init__(f"{path}: {self.reason}; save the one you mean by itself")


@dataclass(frozen=True, eq=False)
class Decoded:
    """A decoded image.

    Attributes:
        rgb: uint8 `(H, W, 3)`.
        alpha: uint8 `(H, W)`, or None where every pixel is opaque.
        profile: the ICC profile that the values are in, if it is kept.
        notes: what was done to it, one phrase each.
        sha256: of the file.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None
    profile: bytes | None = None
    notes: tuple[str, ...] = ()
    sha256: str = ""

    def flattened(self, background: str) -> "Decoded":
        """The same without transparency, on a background such as `#ffffff`.

        Raises:
            ConfigError: not a colour.
        """
        colour = np.array(colour_of(background), dtype=np.float64)
        if self.alpha is None:
            return self
        share = self.alpha[..., None] / 255
        rgb = (self.rgb * share + colour * (1 - share)).round().astype(np.uint8)
        return replace(self, rgb=rgb, alpha=None, notes=(*self.notes, f"flattened onto {background}"))


def colour_of(text: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour such as `#ffffff` or `white`.

    Raises:
        ConfigError: not a colour.
    """
    try:
        return ImageColor.getrgb(text)[:3]
    except ValueError:
        raise ConfigError(f"flatten: expected a colour such as '#ffffff' or 'white', found {text!r}") from None


def decode(path: str | Path, colours: Colours = "srgb", data: bytes | None = None) -> Decoded:
    """Decode an image file, turned upright as its EXIF data say. Gray and palette images become RGB.

    Args:
        colours: "srgb" converts the values if the file has the profile of another colour space; "stored" leaves them
            as they are, which is what the field's data sets are read with; "kept" leaves RGB values as they are, with
            their profile, and converts others.
        data: content of the file, if it was read already.

    Raises:
        ImageError: missing, truncated, not an image, not a still one, or more than 8 bits per sample.
    """
    path = Path(path)
    try:
        data = path.read_bytes() if data is None else data
    except FileNotFoundError as error:
        raise ImageError(f"{path}: no such image") from error
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    try:
        with unlimited(), warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check(image, data, path)
                if image.format == "PNG" and png_lacks_rows(data):
                    raise ImageError(f"{path}: {LACKS_ROWS}")
                if image.format in ("JPEG", "MPO"):
                    image.load()
                    if jpeg_lacks_rows(data, image):
                        raise ImageError(f"{path}: {LACKS_ROWS}")
                found = _decoded(image, colours)
        notes = (*found.notes, *dict.fromkeys(_line(warning.message) for warning in heard))
        return replace(found, notes=notes, sha256=hashlib.sha256(data).hexdigest())
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        what = "is empty" if not data else f"not an image of a format that is read ({', '.join(FORMATS)})"
        raise ImageError(f"{path}: {what}; replace it, or remove it from the folder") from error
    except MemoryError as error:
        raise ImageError(f"{path}: does not fit into memory") from error
    except DAMAGE as error:
        raise ImageError(f"{path}: cannot be decoded ({error}); it may be truncated, replace it") from error


def size_of(path: str | Path) -> tuple[int, int]:
    """Width and height of an image file, upright, from its header alone; its pixels may still be damaged.

    Raises:
        ImageError: as `decode`, as far as the header tells.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            start = file.read(32)
        with unlimited(), warnings.catch_warnings(), Image.open(path, formats=FORMATS) as image:
            warnings.simplefilter("ignore")
            _check(image, start, path)
            turned = image.getexif().get(ExifTags.Base.Orientation, 1) in range(5, 9)
            return (image.height, image.width) if turned else (image.width, image.height)
    except FileNotFoundError as error:
        raise ImageError(f"{path}: no such image") from error
    except UnidentifiedImageError as error:
        what = "is empty" if not start else f"not an image of a format that is read ({', '.join(FORMATS)})"
        raise ImageError(f"{path}: {what}; replace it, or remove it from the folder") from error
    except DAMAGE as error:
        raise ImageError(f"{path}: cannot be decoded ({error}); it may be truncated, replace it") from error


def _check(image: ImageFile.ImageFile, data: bytes, path: Path) -> None:
    """Refuse what would be read as something else."""
    if _deep(image, data):
        raise ImageError(
            f"{path}: has more than 8 bits per sample, and images are read and written with 8; convert it first, "
            "as by ImageMagick's `magick deep.png -depth 8 image.png`"
        )
    if image.mode in ("LAB", "HSV"):
        raise ImageError(f"{path}: holds {image.mode} colours; convert it to RGB first")
    frames = getattr(image, "n_frames", 1) if image.format in ANIMATED else 1
    if frames > 1:
        raise SeveralImagesError(path, frames)
    if isinstance(image, TiffImagePlugin.TiffImageFile) and tiff_lacks_rows(image):
        raise ImageError(f"{path}: {LACKS_ROWS}")
    pixels = image.width * image.height
    if pixels > LARGE:
        import psutil

        # decoded, converted and as an array, four bytes a pixel each
        needed, free = 12 * pixels / 2**30, psutil.virtual_memory().available / 2**30
        if needed > free:
            size = f"{image.width}x{image.height} pixels"
            raise ImageError(f"{path}: {size} take {needed:.0f} GiB of memory to decode, {free:.0f} are free")


def _deep(image: ImageFile.ImageFile, data: bytes) -> bool:
    """Whether samples have more than 8 bits; Pillow itself reads 16-bit RGB as 8-bit without a word."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return True
    if image.format == "PNG":
        return data[24] > 8
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        bits = image.tag_v2.get(BITS_PER_SAMPLE, 8)
        return max(bits if isinstance(bits, tuple) else (bits,)) > 8
    if image.format == "PPM":
        return any(isinstance(tile[3], tuple) and tile[3][-1] > 255 for tile in image.tile)
    return False


def _decoded(image: Image.Image, colours: Colours) -> Decoded:
    notes: tuple[str, ...] = ()
    if image.format != "TIFF":
        # before EXIF is asked for, which loads a PNG file and would hide that its pixels are damaged
        image.load()
    try:
        # asked before loading, which turns TIFF files
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DAMAGE:
        orientation, notes = 1, ("EXIF data damaged, orientation not known",)
    image.load()
    if orientation in range(2, 9):
        image, notes = ImageOps.exif_transpose(image), (f"turned upright (EXIF orientation {orientation})",)
    profile, alpha = profile_of(image), None
    if image.has_transparency_data:
        alpha = np.array(image.convert("RGBA").getchannel("A"))
        alpha = None if alpha.min() == 255 else alpha
        gray = image.mode in ("L", "LA", "La")
        image = image.convert("RGBA").convert("L" if gray else "RGB")
    if colours == "kept" and profile is not None and profile.mode == "RGB" and image.mode != "CMYK":
        said: tuple[str, ...] = () if profile.is_srgb else (f"colour profile {profile.name!r} kept",)
        return Decoded(np.array(image.convert("RGB")), alpha, profile.data, (*notes, *said))
    if colours != "stored" or image.mode == "CMYK":
        image, said = in_srgb(image, profile)
        return Decoded(np.array(image), alpha, None, (*notes, *said))
    if profile is None or profile.is_srgb:
        return Decoded(np.array(image.convert("RGB")), alpha, None, notes)
    unused = f"values as stored, colour profile {profile.name!r} not applied"
    return Decoded(np.array(image.convert("RGB")), alpha, None, (*notes, unused))


def _line(message: object) -> str:
    return " ".join(str(message).split())
