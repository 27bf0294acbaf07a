"""What test sets and devices are, by what was measured and not by what they are called.

A test set is the public one whose pixels it has: every score is recorded with a fingerprint of the high-resolution
image as it was scored, and `hitsr/catalogs/fingerprints.csv` has those of the public sets, image by image and scale by
scale. Manga109, whose images nobody may pass on, has none: it is known by its number of images and by what bicubic
interpolation scores on it, which the run must have measured.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from hitsr.analysis import published
from hitsr.analysis.measurements import number, record
from hitsr.catalogs import FOLDER

if TYPE_CHECKING:
    import pandas as pd

FILE = FOLDER / "fingerprints.csv"
IMAGES = {"Set5": 5, "Set14": 14, "B100": 100, "Urban100": 100, "Manga109": 109}
"""Images of the test sets of Table 2."""
BICUBIC = {"psnr": 0.05, "ssim": 0.003}
"""How far bicubic interpolation may score from the printed row, whose protocol is another (dB and SSIM)."""


class Sets:
    """The test sets of a run by what they are.

    Attributes:
        config: complete configuration.
    """

    def __init__(self, table: pd.DataFrame, config: dict):
        self.config = config
        self._scored = table[table.kind == "quality"]
        self._table = table
        self._known: dict[tuple[str, int], tuple[str | None, str]] = {}

    def names(self, public: str, scale: int) -> list[str]:
        """What the run calls a public test set."""
        return [name for name in self.config["test_sets"] if self.public(name, scale)[0] == public]

    def public(self, dataset: str, scale: int) -> tuple[str | None, str]:
        """The test set of the paper that a data set of the run is; else None, and what it lacks for the likely one."""
        key = dataset, scale
        if key not in self._known:
            self._known[key] = self._identify(dataset, scale)
        return self._known[key]

    def _identify(self, dataset: str, scale: int) -> tuple[str | None, str]:
        rows = self._scored[(self._scored.dataset == dataset) & (self._scored.scale == scale)]
        if rows.empty:
            return None, f"{dataset} was not scored"
        found = [record(file).get("fingerprints") for file in rows.file.unique()]
        prints = found[0]
        if any(other != prints for other in found[1:]):
            return None, f"{dataset}: methods were scored on different images"
        likely = self._stated(dataset)
        if likely == "Manga109":
            return self._by_bicubic(dataset, scale, rows.image.nunique())
        if prints is None:
            return None, f"{dataset}: scored without fingerprints of its images, by an older version; score it again"
        have = Counter(prints.values())
        for name in dict.fromkeys([likely, *fingerprints()]):
            if name in fingerprints() and have == Counter(fingerprints()[name][scale].values()):
                return name, ""
        return None, _difference(dataset, likely, prints, scale)

    def _stated(self, dataset: str) -> str:
        """The public set that the configuration says a data set is, by source or else by its label."""
        return self.config["datasets"].get(dataset, {}).get("public", dataset)

    def _by_bicubic(self, dataset: str, scale: int, images: int) -> tuple[str | None, str]:
        if images != IMAGES["Manga109"]:
            return None, f"{dataset}: {images} of {IMAGES['Manga109']} images"
        interpolated = [n for n, entry in self.config["methods"].items() if entry["interpolation"] == "bicubic"]
        for metric, tolerance in BICUBIC.items():
            printed = published.printed("Bicubic", scale, f"manga109_{metric}")
            found = next(
                (n for m in interpolated if (n := number(self._table, metric, method=m, scale=scale, dataset=dataset))),
                None,
            )
            if found is None or printed is None:
                return None, f"{dataset}: known by what bicubic interpolation scores on it; add Bicubic to the methods"
            if not abs(found.value - printed) <= tolerance:
                return None, (
                    f"{dataset}: bicubic interpolation scores {found.value:.4g} {metric.upper()}, printed {printed:g}: "
                    "not the images of Manga109"
                )
        return "Manga109", ""


def device(file: str) -> tuple[str, bool]:
    """Name of the device that made a measurement file, and whether it is a GPU."""
    origin = record(file)["provenance"]
    gpu = str(origin["device"]).startswith("cuda")
    return (origin["hardware"]["gpu"] if gpu else origin["hardware"]["cpu"]), gpu


@cache
def fingerprints() -> dict[str, dict[int, dict[str, str]]]:
    """Fingerprints of public test sets: by set, scale and image."""
    found: dict[str, dict[int, dict[str, str]]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            scales = found.setdefault(row["dataset"], {})
            for scale in (2, 3, 4):
                scales.setdefault(scale, {})[row["image"]] = row[f"x{scale}"]
    return found


def _difference(dataset: str, likely: str, prints: dict[str, str], scale: int) -> str:
    if likely not in fingerprints():
        return f"{dataset} is not a test set of the paper"
    wanted = fingerprints()[likely][scale]
    if len(prints) != len(wanted):
        return f"{dataset}: {len(prints)} of {len(wanted)} images of {likely}"
    foreign = sorted(name for name, own in prints.items() if own not in set(wanted.values()))
    return f"{dataset}: {len(foreign) or 'some'} images are not those of {likely} ({', '.join(foreign[:3])})"
