"""The figures of a run, each as SVG, PDF and PNG: a file each, which declares itself at its top."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hitsr.errors import ConfigError, ResultError
from hitsr.report import contents
from hitsr.results.records import hash_of, read_record, write_record

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SUFFIXES = ("svg", "pdf", "png")


def render(name: str, measurements: Path, config: dict, folder: Path) -> None:
    """Draw figure `name` and write NAME.svg, NAME.pdf and NAME.png into `folder`, and their checksums, NAME.json."""
    from hitsr.analysis.measurements import read
    from hitsr.report.drawing.style import save

    save(draw(name, read(measurements), config), folder, name)
    files = [folder / f"{name}.{suffix}" for suffix in SUFFIXES]
    write_record(
        folder / f"{name}.json", {"kind": "figure", "files": {file.name: hash_of(file.read_bytes()) for file in files}}
    )


def drawn(file: Path, command: str) -> bytes:
    """Content of one file of a figure, as it was drawn.

    Args:
        command: that draws it.

    Raises:
        ResultError: it is missing, or was changed or damaged since; the message names the remedy.
    """
    if not file.is_file():
        raise ResultError(f"{file}: no such figure; make it first: {command}")
    content = file.read_bytes()
    if read_record(file.with_suffix(".json"))["files"].get(file.name) != hash_of(content):
        raise ResultError(f"{file}: was changed or damaged since it was drawn; delete it, and run again: {command}")
    return content


def draw(name: str, table: pd.DataFrame, config: dict) -> Figure:
    """Figure `name`.

    Raises:
        ConfigError: no such figure.
    """
    known = contents.figures(config)
    if name not in known:
        raise ConfigError(f"unknown figure {name!r}; choose one of {', '.join(known)}")
    entry = known[name]
    from hitsr.analysis.missing import unmeasured
    from hitsr.report.drawing.style import empty

    why = unmeasured(table, config, entry.needs)
    if entry.needs and len(why) == len(entry.needs):
        return empty("\n".join(why))
    return entry.load().draw(table, config, *([entry.axis] if entry.axis else []))
