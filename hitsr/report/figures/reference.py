"""PSNR recorded while training, over the published curves."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.analysis.evidence.paired import network
from hitsr.analysis.measurements import numbers
from hitsr.analysis.reference import DEVIATIONS, Curve, curves
from hitsr.report import contents
from hitsr.report.drawing.style import WIDTH, empty

FIGURE = contents.Figure(
    name="reference",
    title="On the way of the paper",
    about="PSNR of test sets recorded while training (lines with markers, one per training) over the published curve "
    "(pale) with the scatter of its jumps as band, two standard deviations. Recorded is not selected.",
    needs=("training",),
    paper="convergence curves",
)

COLUMNS = 2


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """One panel per scale and test set that a published curve is of and that the run has watched."""
    rows = numbers(table, "test_psnr")
    panels = [
        (scale, dataset)
        for scale in config["scales"]
        for dataset in config["watched_sets"]
        if any((s, d) == (scale, _public(config, dataset)) for _, s, d in curves())
        and not numbers(rows, "test_psnr", scale=scale, dataset=dataset).empty
    ]
    if not panels:
        return empty("No training recorded a test set that there is a published curve of (`watched_sets`).")
    lines = -(-len(panels) // COLUMNS)
    columns = min(COLUMNS, len(panels))
    figure, grid = plt.subplots(lines, columns, figsize=(WIDTH, 3.2 * lines), squeeze=False)
    for axes, (scale, dataset) in zip(grid.flat, panels, strict=False):
        _panel(axes, numbers(rows, "test_psnr", scale=scale, dataset=dataset), config, scale, dataset)
    for axes in list(grid.flat)[len(panels) :]:
        axes.axis("off")
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, config: dict, scale: int, dataset: str) -> None:
    last = int(rows.iteration.max())
    for method, of in rows.groupby("method", sort=False):
        entry = {**config["methods"], **config["variants"]}[method]
        curve = curves().get((network(config, str(method)), scale, _public(config, dataset)))
        if curve is not None:
            _published(axes, curve, entry["colour"], 2 * last)
        for number, (_, training) in enumerate(of.groupby("seed")):
            line = training.assign(iteration=training.iteration.astype(int)).sort_values("iteration")
            style = {"color": entry["colour"], "marker": entry["marker"], "markersize": 3.5, "linewidth": 1.3}
            axes.plot(line.iteration, line.value, label=None if number else method, **style)
    axes.set(xlabel=f"iteration, ×{scale}", ylabel=f"PSNR (dB), {dataset}")
    axes.legend(fontsize=7.5, frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    axes.locator_params(axis="x", nbins=5)


def _published(axes: Axes, curve: Curve, colour: str, until: int) -> None:
    """As far as twice the iterations of the run, or its first points if they are beyond."""
    smooth = curve.smooth[curve.smooth.index <= max(until, curve.smooth.index[2])]
    band = DEVIATIONS * curve.scatter
    axes.fill_between(smooth.index, smooth - band, smooth + band, color=colour, alpha=0.15, linewidth=0)
    axes.plot(smooth.index, smooth, color=colour, alpha=0.4, linewidth=2.5)


def _public(config: dict, dataset: str) -> str:
    return config["datasets"].get(dataset, {}).get("public", dataset)
