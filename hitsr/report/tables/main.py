"""Table 2's form: size, cost and quality of every method."""

import math
from dataclasses import replace

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.differences import differences
from hitsr.analysis.doubts import below_interpolation
from hitsr.analysis.measurements import number, numbers, run_summary
from hitsr.configuration import trained
from hitsr.configuration.methods import as_computed
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
    weights_notes,
)
from hitsr.report.differences import family_of, mark_notes, mark_of

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
    seeds = trainings(table)
    summary = run_summary(table, config["run"])
    caption = (
        f"Run {summary['run']}: {listed([metric.in_unit for metric in metrics])}, mean over images"
        + (f" and {seeds} trainings ± standard deviation over trainings" if seeds != "1" else "")
        + f"; best bold, second underlined. Commit {summary['commit']}."
    )
    width, height = config["complexity"]["output"]
    notes = [
        *below_interpolation(table, config),
        f"{MACS_NOTE} For a {width}×{height} output.",
        *metric_notes(config),
        *quality.notes,
        *_sizes(config),
    ]
    notes += ["Networks trained here: the weights of the last iteration."] if trained(config) else []
    notes += [*weights_notes(config), *recipe_notes(config), *declared_notes(config)]
    groups = [("", 4), *((name, len(metrics)) for name in sets)]
    return Grid(caption, headers, blocks, notes, groups)


def trainings(table: pd.DataFrame) -> str:
    """How many trainings of a method were scored: `3`, or `2 to 5` where methods differ; `1` of what is not trained."""
    scored = table[table.kind == "quality"]
    counts = scored.groupby(["method", "scale"]).seed.nunique()
    counts = sorted({int(count) for count in counts if count > 1}) or [1]
    return " to ".join(map(str, dict.fromkeys((counts[0], counts[-1]))))


class _Quality:
    """Cells of metrics, with a mark where the data do not separate one from a network that its method converts."""

    def __init__(self, table: pd.DataFrame, config: dict):
        self.table = table
        self.metrics = chosen(config)
        self.found = {metric.name: differences(table, config, metric.name) for metric in self.metrics}
        self.controlled = lineup.controlled(config)
        self.marks: set[str] = set()

    def cell(self, metric: Metric, method: str, scale: int, dataset: str) -> Cell:
        where = {"method": method, "scale": scale, "dataset": dataset}
        cell = measured(number(self.table, metric.name, **where), metric.form)
        values = numbers(self.table, metric.name, **where)
        means = values.groupby("seed").value.mean()
        if len(values) and metric.infinite and values.value.map(math.isinf).all():
            return replace(cell, text=metric.infinite)
        spread = f" ± {shown(means.std(ddof=1), metric.form)}" if len(means) > 1 else ""
        place = method, scale, dataset
        found = self.found[metric.name].items()
        mark = mark_of([c for p, (c, _) in found if (p.method, p.scale, p.dataset) == place], metric.negligible)
        self.marks |= {mark}
        return replace(cell, text=f"{cell.text}{spread} {mark}".rstrip())

    @property
    def notes(self) -> list[str]:
        base = "the network that the method converts" + (", as published or by one recipe" if self.controlled else "")
        title = "each score" if len(self.metrics) > 1 else self.metrics[0].title
        family = family_of([one for found in self.found.values() for one in found.values()], title)
        return mark_notes(self.marks, self.metrics, base, family)


def _sizes(config: dict) -> list[str]:
    """A note on networks that are not of their published size: a reader must not take them for those."""
    sizes: dict[str, list[str]] = {}
    for method, entry in config["methods"].items():
        if changed := as_computed(entry["options"]):
            sizes.setdefault(", ".join(f"{k}={v}" for k, v in changed.items()), []).append(method)
    return [f"Not the published size: {', '.join(methods)} with {options}." for options, methods in sizes.items()]
