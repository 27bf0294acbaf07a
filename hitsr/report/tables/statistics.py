"""Paired differences of every method against the one that it converts, and against its same-recipe control."""

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.differences import Found, Pair, differences, pairs_with_bases
from hitsr.measure.metrics import Metric, chosen
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid
from hitsr.report.columns import recipe_notes, scale_cell
from hitsr.report.differences import INTERVAL, difference_cells, difference_notes

TABLE = contents.Table(
    name="statistics",
    title="Paired differences",
    about="How much each method gains over the network that it converts, as published and under one recipe "
    "where the run has both, with intervals and tests over images.",
    needs=("quality",),
    cites=("holm1979multiple",),
)

HEADERS = ["Method", "against", "Scale", "Test set", "Images", "Trainings"]


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Paired differences with intervals and tests; a block per scale."""
    pairs = pairs_with_bases(config, list(config["methods"]))
    metrics = chosen(config)
    found = {metric.name: differences(table, config, metric.name) for metric in metrics}
    measured = [pair for pair in pairs if pair in found[metrics[0].name]]
    rows = {
        scale: [_row(pair, metrics, found) for pair in measured if pair.scale == scale] for scale in config["scales"]
    }
    headers = list(HEADERS)
    for metric in metrics:
        headers += [f"{metric.header} {part}" for part in ("difference", INTERVAL, "p", "separated")]
    controls = lineup.controlled(config)
    caption = f"Run {config['run']}: paired differences over images from the network that each method converts" + (
        ", as published and trained by the same recipe (its control)." if controls else "."
    )
    groups = [("", len(HEADERS)), *((metric.header, 4) for metric in metrics)]
    return Grid(
        caption,
        headers,
        list(rows.values()),
        [*difference_notes(config, list(found[metrics[0].name].values()), "a score"), *recipe_notes(config)],
        groups,
    )


def _row(pair: Pair, metrics: list[Metric], found: dict[str, dict[Pair, Found]]) -> list[Cell]:
    comparison, _ = found[metrics[0].name][pair]
    row = [Cell(pair.method), Cell(pair.base), scale_cell(pair.scale), Cell(pair.dataset)]
    row += [Cell(str(comparison.images), comparison.images), Cell(str(comparison.seeds), comparison.seeds)]
    for metric in metrics:
        row += difference_cells(found[metric.name].get(pair), f"+.{metric.digits + 1}f")
    return row
