"""The tables of a run, each as Markdown, LaTeX and CSV: a file each, which declares itself at its top."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hitsr.errors import ConfigError
from hitsr.report import contents
from hitsr.report.remarks import remarks

if TYPE_CHECKING:
    import pandas as pd

    from hitsr.report.cells import Grid


SHOWN = 4
"""Reasons that a note names."""


def render(name: str, measurements: Path, config: dict, folder: Path) -> None:
    """Write table `name` as Markdown, LaTeX and CSV into `folder`."""
    from hitsr.analysis.measurements import read
    from hitsr.report.formats import write

    write(make(name, read(measurements), config), name, folder)


def make(name: str, table: pd.DataFrame, config: dict) -> Grid:
    """Table `name` as cells, with what `note` says of the methods in it.

    Raises:
        ConfigError: no such table.
    """
    from hitsr.analysis.measurements import kept
    from hitsr.analysis.missing import unmeasured

    known = contents.tables(config)
    if name not in known:
        raise ConfigError(f"unknown table {name!r}; choose one of {', '.join(known)}")
    entry = known[name]
    grid = entry.load().make(table, config, *([entry.axis] if entry.axis else []))
    otherwise = kept(table) if entry.needs else {}
    before = [*unmeasured(table, config, entry.needs), *_kept_notes(otherwise)]
    return replace(grid, notes=[*before, *grid.notes, *remarks(config, {row[0].text for row in grid.rows if row})])


def _kept_notes(otherwise: dict[str, list[str]]) -> list[str]:
    """Files that were made otherwise than the configuration says, those with the same reasons together."""
    alike: dict[str, list[str]] = {}
    for file, reasons in otherwise.items():
        more = f" and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
        alike.setdefault("; ".join(reasons[:SHOWN]) + more, []).append(file)
    return [
        f"Kept though made otherwise than the configuration says: {files[0]}"
        f"{f' and {len(files) - 1} more' if len(files) > 1 else ''} ({reasons})."
        for reasons, files in alike.items()
    ]
