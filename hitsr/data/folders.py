"""Folders of images: which files are images, and what is passed over. Imports neither NumPy nor Pillow."""

import re
import unicodedata
from pathlib import Path

from hitsr.errors import ImageError

EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".gif")
"""Of files that `decoding.decode` reads."""


def list_images(folder: str | Path) -> list[Path]:
    """The image files of a folder in natural order: img2 before img10. Hidden files are left out.

    Raises:
        ImageError: the folder is missing, holds no image, or two images of one name.
    """
    images, others = survey(folder)
    if not images:
        holds = f"; it holds {_some([f'{name} ({why})' for name, why in others.items()])}" if others else ""
        raise ImageError(f"{folder}: holds no image ({', '.join(end[1:] for end in EXTENSIONS)}){holds}")
    seen: dict[str, Path] = {}
    for path in images:
        twin = seen.setdefault(same(path.stem), path)
        if twin is not path:
            raise ImageError(f"{folder}: {twin.name} and {path.name} have the same name; rename one")
    return images


def survey(folder: str | Path) -> tuple[list[Path], dict[str, str]]:
    """The image files of a folder in natural order, and why each of its other entries is passed over, by name.

    Raises:
        ImageError: the folder is missing or cannot be read.
    """
    try:
        entries = sorted(Path(folder).iterdir(), key=_natural)
    except OSError as error:
        reason = "no such folder of images" if isinstance(error, FileNotFoundError) else f"{error.strerror}"
        raise ImageError(f"{folder}: {reason}; check the path of the folder") from error
    reasons = {path: _reason(path) for path in entries if not path.name.startswith(".")}
    return [p for p, why in reasons.items() if why is None], {p.name: why for p, why in reasons.items() if why}


def same(name: str) -> str:
    """A name in the one form that its spellings share: accents are one character (NFC) or two (NFD)."""
    return unicodedata.normalize("NFC", name)


def _reason(path: Path) -> str | None:
    """Why an entry of a folder is not taken for an image; a link to nothing is, and fails when it is read."""
    if path.is_dir():
        return "a folder"
    if path.suffix.lower() not in EXTENSIONS:
        return "not an image format that is read"
    return None if path.is_file() or path.is_symlink() else "not a file"


def _natural(path: Path) -> tuple[list, str]:
    parts = re.split(r"(\d+)", path.stem.lower())
    return [int(part) if part.isdecimal() else part for part in parts], path.name


def _some(names: list[str], shown: int = 3) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
