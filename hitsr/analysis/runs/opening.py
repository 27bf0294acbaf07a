"""The results of a run, wherever they lie: in this folder, in another checkout, or copied from another machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hitsr.analysis.measurements import read
from hitsr.errors import ResultError
from hitsr.results.layout import Layout
from hitsr.results.records import read_json, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


@dataclass(frozen=True)
class Run:
    """A run that was measured.

    Attributes:
        given: as it was asked for: a name, or a folder.
        layout: where its files lie.
    """

    given: str
    layout: Layout

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.layout.run

    @cached_property
    def table(self) -> pd.DataFrame:
        """Its long table, checked; the column `file` says where each file lies now.

        Raises:
            ResultError: it is missing or damaged, or one of the files that it was collected from.
        """
        table = read(self.layout.measurements, self.layout)
        table["file"] = [str(self.layout.found(name)) for name in table.file]
        return table

    @cached_property
    def records(self) -> dict[str, dict]:
        """Every measurement file that the table was collected from, by its path."""
        return {file: read_record(Path(file)) for file in dict.fromkeys(self.table.file)}

    @cached_property
    def config(self) -> dict[str, Any]:
        """The configuration as it was given.

        Raises:
            ResultError: it is not there.
        """
        return read_json(self.layout.config)

    def made_of(self, record: dict) -> Iterator[tuple[Path, str]]:
        """The files that a record was made of, where they lie now, with the identities that they had."""
        for name, identity in (record.get("provenance", {}).get("made_of") or {}).items():
            yield self.layout.found(name), identity


def open_run(given: str) -> Run:
    """The run of a name in `results/`, or in a folder: of its results, or a checkout with results of one run.

    Raises:
        ResultError: there is none, or several; the message names what there is.
    """
    folder = Path(given).expanduser()
    tried = Layout(given).results if folder.name == given else folder
    if (tried / "measurements.csv").is_file():
        return _opened(given, tried)
    if (folder / "measurements.csv").is_file():
        return _opened(given, folder)
    inside = sorted(path.parent for path in folder.glob("results/*/measurements.csv"))
    if len(inside) == 1:
        return _opened(given, inside[0])
    if inside:
        raise ResultError(f"{given}: has results of several runs; name one of {', '.join(map(str, inside))}")
    known = sorted(path.parent.name for path in Path("results").glob("*/measurements.csv"))
    there = f"there are {', '.join(known)}" if known else "there are none in this folder"
    raise ResultError(
        f"{given}: no run that was measured; expected a run of results/ ({there}), or a folder with the "
        "measurements.csv that `snakemake ... all` wrote"
    )


def _opened(given: str, folder: Path) -> Run:
    """The run whose results lie in a folder, by the name that its table has."""
    path = folder / "measurements.csv"
    try:
        stated = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        parts = {tuple(Path(name).parts[:2]) for name in stated["files"]}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ResultError(
            f"{path.with_suffix('.json')}: not what `hitsr collect` writes beside measurements.csv; copy the whole "
            f"folder, or collect again ({error})"
        ) from error
    runs = {part[1] for part in parts if part[0] == "results" and len(part) == 2}
    if len(runs) != 1:
        raise ResultError(f"{path}: is of no run, or of several ({', '.join(sorted(runs)) or 'no measurements'})")
    layout = Layout(runs.pop(), place=folder)
    if layout.merged.is_file():
        raise ResultError(f"{given}: was merged of several runs; name those ({layout.merged} lists them)")
    return Run(given, layout)


def labels(*runs: Run) -> list[str]:
    """What to call each of several runs: its name, with what tells the folders apart where names are equal."""
    names = [run.name for run in runs]
    if len(set(names)) == len(names):
        return names
    places = [_place(run) for run in runs]
    while all(place[:1] == places[0][:1] and len(place) > 1 for place in places):
        places = [place[1:] for place in places]
    while all(place[-1:] == places[0][-1:] and len(place) > 1 for place in places):
        places = [place[:-1] for place in places]
    return [f"{name} ({'/'.join(place)})" for name, place in zip(names, places, strict=True)]


def _place(run: Run) -> tuple[str, ...]:
    """Parts of the folder that a run was started in, or of that of its results."""
    parts = run.layout.results.resolve().parts
    return parts[:-2] if parts[-2:] == ("results", run.name) else parts
