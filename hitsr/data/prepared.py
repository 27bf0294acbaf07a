"""Reading a prepared data set: what is read is what its record lists, or it is refused.

The record `xS.json` has the SHA-256 of every image that it was written with. `HR/` is shared by the scales, so that an
image there may be of another preparation than the record of a scale: its SHA-256 then differs, and nobody computes with
it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from hitsr.data.layout import hr_path, lr_path, record_path
from hitsr.data.png import read_verified
from hitsr.errors import ResultError
from hitsr.results.provenance import digest
from hitsr.results.records import read_record


@dataclass(frozen=True)
class Prepared:
    """A prepared data set at one scale.

    Attributes:
        images: what the record says of each image, in its order.
        passed_over: files of its folder that were not taken, and why.
    """

    folder: Path
    name: str
    scale: int
    images: tuple[dict, ...]
    passed_over: dict[str, str]

    @property
    def names(self) -> list[str]:
        """Names of the images, in order."""
        return [image["name"] for image in self.images]

    def high(self, name: str) -> np.ndarray:
        """A high-resolution image, uint8 `(H, W, 3)`.

        Raises:
            ResultError: it is not the image that the record lists.
        """
        return read_verified(hr_path(self.folder, name), self.sha256("HR", name), self.remedy)

    def low(self, name: str) -> np.ndarray:
        """A low-resolution image, uint8 `(H // scale, W // scale, 3)`.

        Raises:
            ResultError: it is not the image that the record lists.
        """
        return read_verified(lr_path(self.folder, self.scale, name), self.sha256("LR", name), self.remedy)

    def sha256(self, part: str, name: str) -> str:
        """SHA-256 of the file of an image, "HR" or "LR".

        Raises:
            ResultError: the data set has no such image.
        """
        try:
            return self._by_name[name]["sha256" if part == "HR" else "low_sha256"]
        except KeyError:
            raise ResultError(f"{self.record}: lists no image {name!r}; {self.remedy}") from None

    def generation(self, part: str) -> str:
        """Digest of names and contents of all images of a part, "HR" or "LR": equal for equal images only."""
        return digest([[name, self.sha256(part, name)] for name in self.names])

    @property
    def contents(self) -> str:
        """Digest of names and contents of all high- and low-resolution images."""
        return digest([self.generation("HR"), self.generation("LR")])

    @property
    def summary(self) -> dict:
        """What tells it from other data sets without its images: how many, first and last name, lengths of sides."""
        longer = sorted({max(image["width"], image["height"]) for image in self.images})
        names = sorted(self.names)
        return {"name": self.name, "images": len(names), "names": [names[0], names[-1]], "longer_sides": longer[:9]}

    @property
    def record(self) -> Path:
        """File that this comes from."""
        return record_path(self.folder, self.scale)

    @property
    def remedy(self) -> str:
        """How the data set is made again."""
        return f"delete {self.record} and run again ({command(self.name, self.scale, self.folder)})"

    @cached_property
    def _by_name(self) -> dict[str, dict]:
        return {image["name"]: image for image in self.images}


def open_prepared(folder: Path, scale: int) -> Prepared:
    """The data set that was prepared in `folder` at `scale`.

    Raises:
        ResultError: it is not prepared, or its record was damaged.
    """
    path = record_path(folder, scale)
    record = read_record(path)
    if record.get("kind") != "dataset" or record.get("scale") != scale:
        raise ResultError(f"{path}: is not the list of a data set at x{scale}; delete it and run again")
    return Prepared(folder, record["name"], scale, tuple(record["images"]), record["passed_over"])


def reasons(images: Sequence[dict], passed_over: Mapping[str, str]) -> list[str]:
    """What was done to images of a data set, and which files were passed over: a phrase for each reason, with names."""
    found: dict[str, list[str]] = {}
    for image in images:
        for note in image.get("notes", ()):
            found.setdefault(note, []).append(image["name"])
    for file, why in passed_over.items():
        found.setdefault(f"passed over, {why}", []).append(file)
    shown = {reason: ", ".join(names[:3]) for reason, names in found.items()}
    more = {reason: f" and {len(names) - 3} more" if len(names) > 3 else "" for reason, names in found.items()}
    return [f"{shown[reason]}{more[reason]}: {reason}" for reason in found]


def command(name: str, scale: int, folder: Path) -> str:
    """The verb that prepares a data set."""
    return f"hitsr prepare --dataset {name} --scale {scale} --folder {folder}"
