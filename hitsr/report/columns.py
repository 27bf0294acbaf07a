"""What the tables share: column names, notes, and cells that several of them have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hitsr.analysis.costs import counted, declared, declaring
from hitsr.configuration.recipes import departures, published_recipe, recipes
from hitsr.measure.metrics import Metric, chosen
from hitsr.report.cells import Cell, measured, missing, ranked, shown

if TYPE_CHECKING:
    import pandas as pd

DECLARED = "‡"
"""Marks a cost that was declared."""
SIZES = {"parameters": (",.1f", 1e3), "macs": (".2f", 1e9)}
"""Format and divisor of parameters (K) and multiply-adds (G)."""
MACS = "FLOPs (G)"
MACS_NOTE = "FLOPs are multiply-adds (MACs), as papers print them; counted by fvcore on the reference implementation."


def method_cell(method: str, entry: dict) -> Cell:
    """The name of a method, with its paper."""
    return Cell(method, cite=entry["cite"])


def scale_cell(scale: int) -> Cell:
    """A scale factor, such as ×2."""
    return Cell(f"×{scale}", scale)


def printed_cell(figure: float | None, form: str, file: str) -> Cell:
    """A figure printed in a paper, in a format such as `.2f`, from a file of published figures; or a missing one."""
    return missing() if figure is None else Cell(format(figure, form), figure, files=(file,))


def size_cell(table: pd.DataFrame, config: dict, what: str, method: str, scale: int) -> Cell:
    """Parameters (K) or multiply-adds (G) of a method: counted, or declared by its authors and marked as that."""
    form, unit = SIZES[what]
    found = counted(table, config, what, method, scale)
    if found is not None:
        return measured(found, form, unit)
    said = declared(config, what, method, scale)
    # without a value, so that nothing takes it for a measured one
    return missing() if said is None else Cell(f"{shown(said / unit, form)}{DECLARED}")


def declared_notes(config: dict) -> list[str]:
    """Where declared costs come from."""
    found = declaring(config).items()
    return [f"{DECLARED}: declared by the authors of {method}, not measured: {source}." for method, source in found]


def weights_notes(config: dict) -> list[str]:
    """Methods that are not scored because their published weights are not here, and how to get those."""
    found: dict[str, list[str]] = {}
    for method, entry in config["methods"].items():
        for how in dict.fromkeys(entry["unavailable"].values()):
            found.setdefault(how.replace(method, "NAME") if how.startswith("`") else how, []).append(method)
    return [f"Not scored, as the published weights are not here: {', '.join(of)} ({how})." for how, of in found.items()]


def rank_columns(rows: list[list[Cell]], columns: dict[int, Metric]) -> list[list[Cell]]:
    """Mark the best and the second best of some columns, given with the metrics that they show."""
    for column, metric in columns.items():
        cells = ranked([row[column] for row in rows], metric.digits, metric.higher_is_better)
        for row, cell in zip(rows, cells, strict=True):
            row[column] = cell
    return rows


def metric_notes(config: dict) -> list[str]:
    """What the metrics of a run are."""
    return [f"{metric.title}: {metric.about}" for metric in chosen(config)]


def listed(words: list[str]) -> str:
    """Words as a sentence lists them: `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def recipe_notes(config: dict) -> list[str]:
    """Which method was trained by which published recipe, where methods of a run differ in it."""
    chosen = {method: entry for method, entry in config["methods"].items() if entry["recipe"]}
    if len({entry["recipe"] for entry in chosen.values()}) < 2:
        return []
    by: dict[str, list[str]] = {}
    for method, entry in chosen.items():
        paper = recipes()[entry["recipe"]]["title"]
        own = entry["recipe"] == published_recipe(entry["network"])
        how = "as published" if own else f"as {paper}, to compare like for like"
        changed = departures(entry["train"], entry["recipe"])
        by.setdefault(how + (f", but for {', '.join(changed)}" if changed else ""), []).append(method)
    parts = [f"{how}: {', '.join(methods)}" for how, methods in by.items()]
    return [f"Trained {'; '.join(parts)} (hitsr/catalogs/recipes.yaml)."]
