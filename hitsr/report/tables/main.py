"""Table 2's form: size, cost and quality of every method."""

import math
from dataclasses import replace

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.differences import differences, pairs_with_bases
from hitsr.analysis.measurements import number, numbers, run_summary
from hitsr.configuration import trained
from hitsr.measure.metrics import Metric, chosen
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured, shown
from hitsr.report.columns import (
    MACS,
    MACS_NOTE,
    declared_notes,
    listed,
    method_cell,
    metric_notes,
    rank_columns,
    recipe_notes,
    scale_cell,
    size_cell,
)

TABLE = contents.Table(
    name="main",
    title="Quality and size",
    about="Parameters, multiply-adds and the metrics of every method.",
    needs=("quality", "complexity"),
    paper="Table 2",
)


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Table 2's form: size, cost and quality of every method."""
    sets, metrics = config["test_sets"], chosen(config)
    headers = ["Method", "Scale", "#Params (K)", MACS]
    headers += [f"{name} {metric.header}" for name in sets for metric in metrics]
    blocks = []
    quality = _Quality(table, config)
    for scale in config["scales"]:
        rows = []
        for method, entry in config["methods"].items():
            row = [method_cell(method, entry), scale_cell(scale)]
            row += [size_cell(table, config, what, method, scale) for what in ("parameters", "macs")]
            row += [quality.cell(metric, method, scale, name) for name in sets for metric in metrics]
            rows.append(row)
        blocks.append(rank_columns(rows, dict(enumerate(metrics * len(sets), 4))))
    seeds = len(config["seeds"])
    summary = run_summary(table, config["run"])
    caption = (
        f"Run {summary['run']}: {listed([metric.in_unit for metric in metrics])}, mean over images"
        + (f" and {seeds} trainings ± standard deviation over trainings" if seeds > 1 else "")
        + f"; best bold, second underlined. Commit {summary['commit']}."
    )
    width, height = config["complexity"]["output"]
    notes = [f"{MACS_NOTE} For a {width}×{height} output.", *metric_notes(config), *quality.notes, *_sizes(config)]
    notes += ["Networks trained here: the weights of the last iteration."] if trained(config) else []
    notes += [*recipe_notes(config), *declared_notes(config)]
    groups = [("", 4), *((name, len(metrics)) for name in sets)]
    return Grid(caption, headers, blocks, notes, groups)


class _Quality:
    """Cells of metrics; `≈` marks those that the data do not separate from a network that a method converts."""

    def __init__(self, table: pd.DataFrame, config: dict):
        self.table = table
        pairs = pairs_with_bases(config, list(config["methods"]))
        self.found = {
            metric.name: {pair: comparison for pair, (comparison, _) in differences(table, metric.name, pairs).items()}
            for metric in chosen(config)
        }
        self.controlled = lineup.controlled(config)

    def cell(self, metric: Metric, method: str, scale: int, dataset: str) -> Cell:
        where = {"method": method, "scale": scale, "dataset": dataset}
        cell = measured(number(self.table, metric.name, **where), metric.form)
        values = numbers(self.table, metric.name, **where)
        means = values.groupby("seed").value.mean()
        if len(values) and metric.infinite and values.value.map(math.isinf).all():
            return replace(cell, text=metric.infinite)
        spread = f" ± {shown(means.std(ddof=1), metric.form)}" if len(means) > 1 else ""
        place = method, scale, dataset
        compared = [c for p, c in self.found[metric.name].items() if (p.method, p.scale, p.dataset) == place]
        mark = " ≈" if any(not c.separated for c in compared) else ""
        return replace(cell, text=f"{cell.text}{spread}{mark}")

    @property
    def notes(self) -> list[str]:
        unclear = [c for found in self.found.values() for c in found.values() if not c.separated]
        if not unclear:
            return []
        reasons = ", ".join(sorted({c.why_not for c in unclear}))
        base = "the network that the method converts" + (", as published or by one recipe" if self.controlled else "")
        return [f"≈: not separated by the data from {base} ({reasons}); see statistics."]


def _sizes(config: dict) -> list[str]:
    """A note on networks that are not of their published size: a reader must not take them for those."""
    sizes: dict[str, list[str]] = {}
    for method, entry in config["methods"].items():
        if entry["options"]:
            sizes.setdefault(", ".join(f"{k}={v}" for k, v in entry["options"].items()), []).append(method)
    return [f"Not the published size: {', '.join(methods)} with {options}." for options, methods in sizes.items()]
