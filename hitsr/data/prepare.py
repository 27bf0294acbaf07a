"""Make a data set: high-resolution images as PNG, low-resolution ones by bicubic downscaling, and their list.

DATASET/HR/NAME.png        the photograph, uncropped
DATASET/LR/xS/NAME.png     downscaled from the photograph cropped to a multiple of S
DATASET/xS.json            the list of images with source, licence, size and checksums; written last

HR is shared by the scales. Preparing one scale after the sources changed replaces images there, and the records of the
other scales, which have other checksums, are refused until they are made again (`hitsr.data.prepared`).

Where the source has low-resolution images in a customary place, ours are compared with them pixel by pixel, and the
list says in how many they differ; ours are used.
"""

import hashlib
import math
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from hitsr.atomic import write_bytes
from hitsr.data.adoption import given_low
from hitsr.data.decoding import Colours, Decoded, SeveralImagesError, decode
from hitsr.data.degradation import downscale
from hitsr.data.images import png_bytes, read_rgb
from hitsr.data.layout import hr_path, image_names, lr_path, record_path
from hitsr.data.prepared import reasons
from hitsr.data.sources import Source, sources, takes_given_low
from hitsr.errors import ImageError, ResultError, leave_out, printable
from hitsr.progress import progress
from hitsr.results.records import write_record


def prepare(
    dataset: dict, name: str, scale: int, folder: Path, root: Path | None = None, origin: dict | None = None
) -> None:
    """Make data set `name` at `scale` in `folder`; images that are there already are left as they are.

    Args:
        dataset: its entry in the configuration: `photographs`, `folder` or `public`, what to take of them, and how.
        root: folder of the public data sets; nothing else needs it.
        origin: what the record says of how it was made.

    Raises:
        ImageError: a missing or empty folder, an unreadable or transparent image, or one smaller than `scale`.
        ConfigError: a name under `images` or `exclude` that the folder does not have.
    """
    selected = sources(dataset, name, root)
    passed_over, images = dict(selected.passed_over), []
    for item in progress(selected.images, desc=f"{name} x{scale}", unit="image"):
        try:
            images.append(_image(dataset, name, item, scale, folder))
        except SeveralImagesError as error:
            # a folder may hold animations beside its photographs; whoever names one is told
            if "folder" not in dataset or "images" in dataset:
                raise
            passed_over[item.path.name] = error.reason
    if not images:
        found = "; ".join(f"{file} {reason}" for file, reason in list(passed_over.items())[:3])
        raise ImageError(f"{selected.images[0].path.parent}: holds no still image ({found}); add one")
    for reason in reasons(images, passed_over):
        print(printable(f"{name}: {reason}"), file=sys.stderr)
    before = _names(folder, scale)
    record = {"kind": "dataset", "name": name, "scale": scale, "images": images, "passed_over": passed_over}
    write_record(record_path(folder, scale), {**record, **(origin or {})})
    _remove_stale(folder, scale, before)


def _image(dataset: dict, name: str, item: Source, scale: int, folder: Path) -> dict:
    """Prepare one image; returns its entry in the record."""
    decoded = _opaque(decode(item.path, _colours(dataset)), dataset, name, item)
    high = _rows(decoded.rgb, dataset.get("rows", (0, 1)))
    try:
        low = downscale(high, scale)
    except ImageError as error:
        raise ImageError(f"{item.path}: {error}; {leave_out(item.name, name)}") from error
    return {
        "name": item.name,
        "source": item.source,
        "licence": item.licence,
        "width": high.shape[1],
        "height": high.shape[0],
        "sha256": _write(hr_path(folder, item.name), high),
        "low_sha256": _write(lr_path(folder, scale, item.name), low),
        "source_sha256": decoded.sha256,
        **({"notes": list(decoded.notes)} if decoded.notes else {}),
        **_compared(low, item, scale, dataset),
    }


def _colours(dataset: dict) -> Colours:
    """A folder may hold anything, so it is brought to sRGB; the field reads its data sets without their profiles."""
    return dataset.get("colours", "srgb" if "folder" in dataset else "stored")


def _opaque(decoded: Decoded, dataset: dict, name: str, item: Source) -> Decoded:
    if "flatten" in dataset:
        return decoded.flattened(dataset["flatten"])
    if decoded.alpha is not None:
        raise ImageError(
            f"{item.path}: has transparent pixels; flatten the data set onto a colour with `flatten: '#ffffff'` under "
            f"datasets.{name}, or {leave_out(item.name, name)}"
        )
    return decoded


def _compared(low: np.ndarray, item: Source, scale: int, dataset: dict) -> dict:
    """Ours against a given low-resolution image of a whole photograph: its file, and in how many pixels they differ."""
    path = given_low(item.path, scale) if takes_given_low(dataset) else None
    if path is None:
        return {}
    given = read_rgb(path)
    same_size = given.shape == low.shape
    differing = int((given != low).any(axis=2).sum()) if same_size else low.shape[0] * low.shape[1]
    return {"given_low": {"file": str(path), "same_size": same_size, "differing_pixels": differing}}


def _rows(image: np.ndarray, rows: tuple[float, float]) -> np.ndarray:
    first, last = (math.floor(fraction * image.shape[0]) for fraction in rows)
    return image[first:last]


def _write(path: Path, image: np.ndarray) -> str:
    """Write an image as PNG unless it is there, in whatever compression; returns the SHA-256 of the file."""
    data = png_bytes(image)
    if path.is_file():
        there = path.read_bytes()
        with suppress(ImageError):
            if there == data or np.array_equal(decode(path, "stored", there).rgb, image):
                return hashlib.sha256(there).hexdigest()
    write_bytes(path, data)
    return hashlib.sha256(data).hexdigest()


def _names(folder: Path, scale: int) -> set[str]:
    """Images that a scale had before; none if it had no readable record."""
    try:
        return set(image_names(folder, scale))
    except (ResultError, KeyError):
        return set()


def _remove_stale(folder: Path, scale: int, before: set[str]) -> None:
    """Remove images that this scale no longer has: its own, and high-resolution ones that no other scale has either."""
    own = _names(folder, scale)
    others = {path.stem for path in folder.glob("x[0-9]*.json")} - {f"x{scale}"}
    shared = set().union(*(_names(folder, int(other[1:])) for other in others)) if others else set()
    for name in before - own:
        lr_path(folder, scale, name).unlink(missing_ok=True)
        if name not in shared:
            hr_path(folder, name).unlink(missing_ok=True)
