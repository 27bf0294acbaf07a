"""Bars of PSNR on every test set, each network beside the one that converts it."""

import math

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.measurements import number, numbers
from hitsr.configuration.questions import scored_scales
from hitsr.measure.metrics import Metric, chosen
from hitsr.report import contents
from hitsr.report.drawing import bars
from hitsr.report.drawing.style import WIDTH, empty

FIGURE = contents.Figure(
    name="performance",
    title="Quality by test set",
    about="PSNR of every network beside the network that it converts, with the difference (from that network "
    "trained by the same recipe, where the run has it). Where bars start is written below each panel; "
    "lines over the bars reach from the lowest seed to the highest.",
    needs=("quality",),
    paper="performance comparison",
)

COLUMNS = 3


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """One panel per test set and scale, by the first metric. Bars start at the interpolation's, else below the lowest.

    A bar that started at 0 dB would hide every difference; where it starts is written at the axis.
    """
    families, sets, scales = _families(config), config["test_sets"], config["scales"]
    if not families or not sets:
        return empty("The run has no method but interpolations, or no test set.")
    # four sets are two rows of two
    columns = 2 if len(sets) == 4 else min(COLUMNS, len(sets))
    rows = math.ceil(len(sets) / columns)
    size = (WIDTH if columns > 1 else WIDTH * 0.6, (bars.height(families) + 0.15) * rows * len(scales))
    figure, grid = plt.subplots(rows * len(scales), columns, figsize=size, sharey=True, squeeze=False)
    for block, scale in enumerate(scales):
        panels = list(grid[block * rows : (block + 1) * rows].flat)
        for axes, dataset in zip(panels, sets, strict=False):
            _panel(axes, table, config, {"scale": scale, "dataset": dataset}, room=0.68 if columns > 1 else 0.4)
        for axes in panels[len(sets) :]:
            axes.axis("off")
    return figure


def _families(config: dict) -> list[list[str]]:
    """Methods beside what they convert, without those whose published weights are not here."""
    return lineup.families(config, [name for name in lineup.compared(config) if scored_scales(config, name)])


def _panel(axes: Axes, table: pd.DataFrame, config: dict, where: dict, room: float) -> None:
    families = _families(config)
    metric = chosen(config)[0]
    found = {method: number(table, metric.name, method=method, **where) for method in config["methods"]}
    scores = {method: score.value for method, score in found.items() if score and math.isfinite(score.value)}
    values = {method: scores[method] for method in lineup.compared(config) if method in scores}
    start, note = _start(scores, config, metric)
    whiskers = _seeds(numbers(table, metric.name, **where), list(values))
    infinite = {method: "∞" for method, score in found.items() if score and math.isinf(score.value)}
    labels = {**_labels(config, values, metric), **infinite}
    bars.draw(axes, families, values, labels, config, start, whiskers, room)
    axes.set_xlabel(f"{metric.in_unit}, {where['dataset']}, ×{where['scale']}\n{note}")


def _seeds(rows: pd.DataFrame, methods: list[str]) -> dict[str, tuple[float, float]]:
    """The lowest and the highest mean over images among the seeds."""
    means = rows[rows.method.isin(methods)].groupby(["method", "seed"]).value.mean().groupby("method")
    return {method: (float(of.min()), float(of.max())) for method, of in means}


def _start(scores: dict[str, float], config: dict, metric: Metric) -> tuple[float, str]:
    """Where bars start, and what to say about it."""
    if not metric.higher_is_better:
        return 0.0, "shorter is better"
    for method, value in scores.items():
        if config["methods"][method]["interpolation"]:
            return value, f"bars start at {method}, {value:{metric.form}} {metric.unit}".rstrip()
    digits = max(metric.digits - 1, 0)
    lowest = math.floor(min(scores.values(), default=0) * 10**digits - 1) / 10**digits
    return lowest, f"bars start at {lowest:.{digits}f} {metric.unit}".rstrip()


def _labels(config: dict, values: dict[str, float], metric: Metric) -> dict[str, str]:
    """The score, and for a conversion the difference to its base network, like for like where the run has it so."""
    labels = {}
    for method, value in values.items():
        base = values.get(lineup.fair_base(config, method) or "")
        # a digit more than scores have, as everywhere for differences
        gain = "" if base is None else f" ({value - base:+.{metric.digits + 1}f})".replace("-", "−")
        labels[method] = f"{value:{metric.form}}{gain}"
    return labels
