"""Are the images of two runs the same? By checksum of their files, and where files differ, by their pixels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hitsr.data.prepared import Prepared, open_prepared

if TYPE_CHECKING:
    from hitsr.analysis.runs.opening import Run

PARTS = {"HR": "high-resolution", "LR": "low-resolution"}


def prepared(run: Run, dataset: str, scale: int) -> Prepared | None:
    """A data set of a run; None where its list was not copied."""
    path = run.layout.images(dataset, scale)
    return open_prepared(path.parent, scale) if path.is_file() else None


def difference(first: Prepared, second: Prepared) -> str:
    """In what two data sets differ, in words; empty if all images of both are the same.

    Files of other checksums are the same where their pixels are: programs compress PNG differently.
    """
    names = set(first.names), set(second.names)
    if names[0] != names[1]:
        lacking = sorted(names[0] ^ names[1])
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        return f"{lacking[0]}{more} in one of them only ({len(names[0])} and {len(names[1])} images)"
    for name in first.names:
        for part, called in PARTS.items():
            if first.sha256(part, name) == second.sha256(part, name):
                continue
            files = [_file(one, part, name) for one in (first, second)]
            if not all(file.is_file() for file in files):
                return f"other {called} images ({name}: the files differ, and pixels cannot be compared without them)"
            read = [one.high(name) if part == "HR" else one.low(name) for one in (first, second)]
            if not np.array_equal(*read):
                return f"other {called} images ({name})"
    return ""


def _file(one: Prepared, part: str, name: str) -> Path:
    from hitsr.data.layout import hr_path, lr_path

    return hr_path(one.folder, name) if part == "HR" else lr_path(one.folder, one.scale, name)
