"""What a report can show: tables and figures, each declared at the top of the file that makes it.

`hitsr/report/tables/` and `hitsr/report/figures/` hold a file for each. Their declarations are read without importing
them: configuration and workflow know every name, and what each needs, without pandas and Matplotlib.
"""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import ClassVar, Literal

from hitsr.schema.declarations import Declaration, Declared, everywhere
from hitsr.schema.sections import key, required
from hitsr.schema.types import Text

FOLDER = Path(__file__).resolve().parent
PREFIX = "ablation-"
"""Of the name of an axis' table and figure."""
Kind = Literal[
    "quality", "bicubic", "complexity", "latency", "resolutions", "attention_cost", "training", "attribution", "leaks"
]  # fmt: skip
"""Kinds of measurement; a run measures what its report shows."""


class Shown(Declaration):
    """What a file of a table or figure declares."""

    title: Text = required("Its heading.")
    about: Text = required("What it shows, in a sentence or two; the caption of a figure.")
    needs: tuple[Kind, ...] = key((), "Kinds of measurement that it shows.")
    paper: Text = key("", "The table or figure of the paper that it makes again.")
    cites: tuple[Text, ...] = key((), "Papers whose measures it shows: keys of references.bib.")
    per_axis: bool = key(False, "Whether there is one for each axis of the run's ablations.")


class Table(Shown):
    """A table: its file has a function `make(table, config)` that gives a `hitsr.report.cells.Grid`."""

    variable: ClassVar[str] = "TABLE"


class Figure(Shown):
    """A figure: its file has a function `draw(table, config)` that gives a Matplotlib figure."""

    variable: ClassVar[str] = "FIGURE"
    photographic: bool = key(False, "A figure of photographs, smaller as PNG than as SVG.")
    crops: bool = key(False, "Whether it shows the chosen crops.")


@dataclass(frozen=True)
class Entry:
    """A table or figure of a run.

    Attributes:
        name: as in file names.
        about: what it shows; of a figure, the caption.
        paper: the table or figure of the paper that it makes again, if there is one.
        photographic: a figure of photographs.
        crops: a figure of the chosen crops.
        axis: of the ablation that it shows, if it is one of those.
    """

    name: str
    title: str
    about: str
    needs: tuple[str, ...]
    paper: str
    cites: tuple[str, ...]
    photographic: bool
    crops: bool
    axis: str | None
    source: Declared

    def load(self) -> ModuleType:
        """The module that makes it."""
        return self.source.load()


def names(kind: type[Shown], plugins: Iterable[str] = ()) -> list[str]:
    """Names of all tables, or figures, that a configuration can ask for."""
    return [found.declaration.name for found in declared_of(kind, plugins) if not found.declaration.per_axis]


def tables(config: dict) -> dict[str, Entry]:
    """Tables that a run can show by name: one per axis of its ablations is added to those of every run."""
    return _entries(Table, config)


def figures(config: dict) -> dict[str, Entry]:
    """Figures that a run can show by name: one per axis of its ablations is added to those of every run."""
    return _entries(Figure, config)


def shown(config: dict) -> list[Entry]:
    """Tables, then figures, of a run's report."""
    chosen = ((tables(config), config["report"]["tables"]), (figures(config), config["report"]["figures"]))
    return [entries[name] for entries, wanted in chosen for name in wanted]


def needs(config: dict) -> list[str]:
    """Kinds of measurement that the tables and figures of a run's report show."""
    return list(dict.fromkeys(kind for entry in shown(config) for kind in entry.needs))


def command(config_file: str | None, path: str) -> str:
    """The command that makes one file of a report; `config_file` is None for the default configuration."""
    given = f"--configfile {shlex.quote(config_file)} -- " if config_file else ""
    return f"snakemake --cores 1 {given}{path}"


def declared_of(kind: type[Shown], plugins: Iterable[str] = ()) -> list[Declared]:
    """All tables, or all figures, with the files that they stand in; those of plug-in folders last."""
    part = f"{kind.variable.lower()}s"
    return list(everywhere(FOLDER / part, part, kind, plugins).values())


def _entries(kind: type[Shown], config: dict) -> dict[str, Entry]:
    found = {}
    sources = declared_of(kind, config["plugins"])
    for source in sources:
        if not source.declaration.per_axis:
            found[source.declaration.name] = _entry(source)
    for source in sources:
        for axis, content in config["ablations"].items() if source.declaration.per_axis else ():
            entry = _entry(source, axis, content["title"])
            found[entry.name] = entry
    return found


def _entry(source: Declared, axis: str | None = None, title: str = "") -> Entry:
    one = source.declaration
    return Entry(
        name=one.name if axis is None else f"{one.name}-{axis}",
        title=one.title if axis is None else f"{one.title}: {title}",
        about=one.about,
        needs=one.needs,
        paper=one.paper,
        cites=one.cites,
        photographic=getattr(one, "photographic", False),
        crops=getattr(one, "crops", False),
        axis=axis,
        source=source,
    )
