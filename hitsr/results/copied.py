"""Results that were copied: their files have the times of the copy, in any order, and Snakemake goes by times.

A record says what it was made of (`hitsr.results.lineage`). Where that is what is there now, the file is given the time
of the newest thing that it was made of, so that it is not made again. Contents decide: what was made of something else
keeps its time, and is made anew.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from hitsr.errors import HitsrError
from hitsr.results import lineage
from hitsr.results.layout import Layout
from hitsr.results.records import read_record
from hitsr.results.stale import TAIL

STEPS = ("train/*/*/*/history.json", "restore/*/*/*/*.json", "score/*/*/*/*.json", "attribute/*/*/*/attribution.json")
"""Records by the step that wrote them, what is made first of all standing first."""
MADE_OF = re.compile(rb'"made_of": (\{[^{}]*\})')
SIBLINGS = ("weights.safetensors", "maps.npz")


def settle(layout: Layout) -> int:
    """Put the times of a run's results in the order in which they were made; returns how many files were touched."""
    touched = sum(_settle_packed(index) for index in sorted(layout.data.glob("*/packed/*.json")))
    for pattern in STEPS:
        for path in sorted(layout.results.glob(pattern)):
            touched += _settle(path, layout)
    return touched + (_settle(layout.leaks, layout) if layout.leaks.is_file() else 0)


def _settle(path: Path, layout: Layout) -> int:
    """Touch a record, and what its step wrote beside it, if it is older than something that it was made of."""
    beside = [sibling for name in SIBLINGS if (sibling := path.with_name(name)).is_file()]
    try:
        stated = lineage_of(path)
        newest = max(_times(stated, path, layout), default=0)
        old = [file for file in (path, *beside) if file.stat().st_mtime_ns < newest]
        if not old or any(lineage.changed({path: read_record(path)})):
            return 0
    except (HitsrError, OSError, ValueError):
        # damaged: the step that reads it says so
        return 0
    return _touch(old, newest)


def lineage_of(path: Path) -> Mapping[str, str]:
    """What a record says that it was made of, from the end of the file, where provenance stands."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - TAIL))
        found = MADE_OF.search(file.read())
    return json.loads(found[1]) if found else {}


def _times(stated: Mapping[str, str], path: Path, layout: Layout) -> Iterator[int]:
    """Times of what a record was made of; a training reads the packed arrays of its lists too."""
    for name in stated:
        file = Path(name)
        if not file.is_file():
            continue
        yield file.stat().st_mtime_ns
        if path.name == "history.json" and file.parent.parent == layout.data:
            for packed in file.parent.glob("packed/*"):
                yield packed.stat().st_mtime_ns


def _settle_packed(index: Path) -> int:
    """Touch a packed array that was made of the images which its data set has now."""
    from hitsr.data.prepared import open_prepared

    folder, part = index.parent.parent, index.stem
    files = [file for file in (index, index.with_suffix(".npy")) if file.is_file()]
    try:
        lists = [path for path in folder.glob("x[234].json") if part in ("HR", path.stem)]
        newest = max((path.stat().st_mtime_ns for path in lists), default=0)
        old = [file for file in files if file.stat().st_mtime_ns < newest]
        stated = read_record(index)["generation"] if old else None
        if not old or any(
            open_prepared(folder, int(path.stem[1:])).generation("HR" if part == "HR" else "LR") != stated
            for path in lists
        ):
            return 0
    except (HitsrError, OSError, ValueError, KeyError):
        return 0
    return _touch(old, newest)


def _touch(files: list[Path], time: int) -> int:
    for file in files:
        os.utime(file, ns=(time, time))
    return len(files)
