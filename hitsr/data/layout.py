"""Where the files of a prepared data set lie (see `hitsr.data.prepare`); `hitsr.data.prepared` reads them."""

from pathlib import Path

from hitsr.results.records import read_record


def image_names(folder: Path, scale: int) -> list[str]:
    """Names of the images of a prepared data set, in its order."""
    return [image["name"] for image in read_record(record_path(folder, scale))["images"]]


def record_path(folder: Path, scale: int) -> Path:
    """File that lists the images of a prepared data set at one scale, with their checksums."""
    return folder / f"x{scale}.json"


def hr_path(folder: Path, name: str) -> Path:
    """File of a high-resolution image of a prepared data set."""
    return folder / "HR" / f"{name}.png"


def lr_path(folder: Path, scale: int, name: str) -> Path:
    """File of a low-resolution image of a prepared data set."""
    return folder / "LR" / f"x{scale}" / f"{name}.png"
