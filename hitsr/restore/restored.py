"""The images that one method made of a data set, as their record `DATASET.json` lists them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hitsr.data.png import read_verified
from hitsr.data.prepared import open_prepared
from hitsr.errors import ResultError
from hitsr.results.records import read_record


class Pair(NamedTuple):
    """A super-resolved image and the high-resolution one that it is judged by, uint8 `(H, W, 3)` both."""

    dataset: str
    image: str
    result: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Restored:
    """Images that one method made.

    Attributes:
        record: file that lists them; they lie beside it, in `DATASET/NAME.png`.
        images: `dataset`, `image`, `sha256` of the file, and `low_sha256` of the image that it was made of; None there
            if that is not known.
        weights: `file` and `sha256` of the network's weights; None for other methods.
    """

    record: Path
    method: str
    scale: int
    seed: int
    dataset: str
    images: tuple[dict, ...]
    weights: dict[str, str] | None = None

    def read(self, dataset: str, image: str) -> np.ndarray:
        """One image, uint8 `(s h, s w, 3)`.

        Raises:
            ResultError: the record does not list it, or it is not the image that was written.
        """
        sha256 = self._entry(dataset, image)["sha256"]
        return read_verified(self.record.parent / dataset / f"{image}.png", sha256, self.remedy)

    def pairs(self, data: Path) -> Iterator[Pair]:
        """Every image with its high-resolution one.

        Args:
            data: folder of the prepared data sets.

        Raises:
            ResultError: an image is missing, damaged, or was made of another one than the data set has now.
        """
        for dataset in dict.fromkeys(entry["dataset"] for entry in self.images):
            prepared = open_prepared(data / dataset, self.scale)
            for name in prepared.names:
                made_of = self._entry(dataset, name)["low_sha256"]
                if made_of not in (None, prepared.sha256("LR", name)):
                    raise ResultError(
                        f"{self.record}: {dataset}/{name} was made of another low-resolution image than the data set "
                        f"has now; {self.remedy}"
                    )
                yield Pair(dataset, name, self.read(dataset, name), prepared.high(name))
            extra = [e["image"] for e in self.images if e["dataset"] == dataset and e["image"] not in prepared.names]
            if extra:
                raise ResultError(f"{self.record}: {dataset} has no image {extra[0]!r} any more; {self.remedy}")

    @property
    def remedy(self) -> str:
        """How the images are made again."""
        what = f"--method {self.method} --scale {self.scale} --seed {self.seed} --dataset {self.dataset}"
        return f"delete {self.record} and run again (hitsr restore {what})"

    def _entry(self, dataset: str, image: str) -> dict:
        for entry in self.images:
            if (entry["dataset"], entry["image"]) == (dataset, image):
                return entry
        raise ResultError(f"{self.record}: lists no image {image!r} of {dataset}; {self.remedy}")


def open_restored(record: Path) -> Restored:
    """The images that a record `DATASET.json` lists.

    Raises:
        ResultError: there is no such record, or it was damaged.
    """
    found = read_record(record)
    if found.get("kind") != "images":
        raise ResultError(f"{record}: is not a list of super-resolved images; delete it and run again")
    identity = (found["method"], found["scale"], found["seed"], found["dataset"])
    return Restored(record, *identity, tuple(found["images"]), found.get("weights"))
