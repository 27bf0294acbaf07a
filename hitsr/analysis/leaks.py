"""Photographs that are in two data sets of a run, as the table of leaks and the page tell of them."""

from dataclasses import dataclass

import pandas as pd

from hitsr.analysis.measurements import number, numbers
from hitsr.configuration import used_sets
from hitsr.errors import ResultError

KINDS = ("leak", "duplicate")


@dataclass(frozen=True)
class Shared:
    """One photograph in two data sets: a leak across training, validation and test, else a duplicate.

    Attributes:
        first, second: name of the image, of its data set, and what the run uses that for.
        correlation: of the aligned images, at most 1.
        distance: of their perceptual hashes, in bits of 256.
        source: measurement file.
    """

    kind: str
    first: tuple[str, str, str]
    second: tuple[str, str, str]
    correlation: float
    distance: int
    source: str

    @property
    def sentence(self) -> str:
        one, other = (f"{image} of {name} ({role})" for image, name, role in (self.first, self.second))
        return f"{one} is {other}"

    @property
    def remedy(self) -> str:
        """What to write into the configuration; empty for a duplicate, which makes no score wrong."""
        image, name, _ = self.first
        return f'exclude: ["{image}"] under datasets.{name}' if self.kind == "leak" else ""


def found(table: pd.DataFrame, config: dict) -> list[Shared]:
    """Shared photographs in the order of the measurement file: leaks first.

    Raises:
        ResultError: the file says how well two images correlate, but not how far apart their hashes are.
    """
    roles = used_sets(config)
    shared = []
    for kind in KINDS:
        for row in numbers(table, f"{kind}_correlation").itertuples(index=False):
            name, image = row.other.split("/", 1)
            where = {"dataset": row.dataset, "image": row.image, "other": row.other}
            distance = number(table, f"{kind}_distance", **where)
            if distance is None:
                raise ResultError(f"{row.file}: {kind}_distance of {row.image} is missing; delete it and run again")
            first, second = (row.image, row.dataset, roles[row.dataset]), (image, name, roles[name])
            shared.append(Shared(kind, first, second, row.value, int(distance.value), row.file))
    return shared


def compared(table: pd.DataFrame) -> int:
    """Number of images that were looked through; 0 if leaks were not measured."""
    return int(numbers(table, "images_compared").value.sum())
