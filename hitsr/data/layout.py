"""Where the files of a prepared data set lie, and which images it has (see `hitsr.data.prepare`)."""

from pathlib import Path

from hitsr.results.records import read_json


def image_names(folder: Path, scale: int) -> list[str]:
    """Names of the images of a prepared data set, in its order."""
    return [image["name"] for image in read_json(folder / f"x{scale}.json")["images"]]


def hr_path(folder: Path, name: str) -> Path:
    """File of a high-resolution image of a prepared data set."""
    return folder / "HR" / f"{name}.png"


def lr_path(folder: Path, scale: int, name: str) -> Path:
    """File of a low-resolution image of a prepared data set."""
    return folder / "LR" / f"x{scale}" / f"{name}.png"
