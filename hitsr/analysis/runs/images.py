"""Are the images of two runs the same? High-resolution ones by fingerprints of what was scored; others by their files.

Files of other checksums are the same where their pixels are: programs compress PNG differently.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hitsr.data.prepared import Prepared, open_prepared
from hitsr.errors import ResultError

if TYPE_CHECKING:
    from hitsr.analysis.runs.opening import Run

PARTS = {"HR": "high-resolution", "LR": "low-resolution"}


def prepared(run: Run, dataset: str, scale: int) -> Prepared | None:
    """A data set of a run; None where its list was not copied."""
    path = run.layout.images(dataset, scale)
    return open_prepared(path.parent, scale) if path.is_file() else None


def fingerprints(run: Run, dataset: str, scale: int) -> dict[str, str] | None:
    """Fingerprints of the images that a run scored, by name; None where an older version scored them.

    Raises:
        ResultError: its methods were scored on different images.
    """
    found = [
        record.get("fingerprints")
        for record in run.records.values()
        if (record["kind"], record.get("dataset"), record["scale"]) == ("quality", dataset, scale)
    ]
    if any(prints != found[0] for prints in found):
        raise ResultError(
            f"{run.given}: methods were scored on different images of {dataset} x{scale}; score them again"
        )
    return found[0] if found else None


def differ(first: Run, second: Run, datasets: tuple[str, str], scale: int) -> str:
    """In what a data set of one run differs from one of another, in words; empty if all images are the same."""
    one, other = (prepared(run, name, scale) for run, name in zip((first, second), datasets, strict=True))
    if one is None or other is None:
        run, name = (first, datasets[0]) if one is None else (second, datasets[1])
        return f"the list of images was not copied: {run.layout.images(name, scale)}"
    ours, theirs = (fingerprints(run, name, scale) for run, name in zip((first, second), datasets, strict=True))
    if ours is None or theirs is None:
        return difference(one, other)
    if ours != theirs:
        names = set(ours) ^ set(theirs) or {name for name in ours if ours[name] != theirs[name]}
        return f"other high-resolution images ({min(names)}; {len(ours)} and {len(theirs)} images)"
    return difference(one, other, parts=("LR",))


def difference(first: Prepared, second: Prepared, parts: tuple[str, ...] = ("HR", "LR")) -> str:
    """In what two prepared data sets differ, in words; empty if all images of some parts are the same."""
    names = set(first.names), set(second.names)
    if names[0] != names[1]:
        lacking = sorted(names[0] ^ names[1])
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        return f"{lacking[0]}{more} in one of them only ({len(names[0])} and {len(names[1])} images)"
    for name in first.names:
        for part in parts:
            called = PARTS[part]
            if first.sha256(part, name) == second.sha256(part, name):
                continue
            files = [_file(one, part, name) for one in (first, second)]
            if not all(file.is_file() for file in files):
                return f"other {called} images ({name}: the files differ, and pixels cannot be compared without them)"
            ours, theirs = (one.high(name) if part == "HR" else one.low(name) for one in (first, second))
            if not np.array_equal(ours, theirs):
                return f"other {called} images ({name})"
    return ""


def _file(one: Prepared, part: str, name: str) -> Path:
    from hitsr.data.layout import hr_path, lr_path

    return hr_path(one.folder, name) if part == "HR" else lr_path(one.folder, one.scale, name)
