"""How fast networks converge: validation PSNR of each network and of those that convert it."""

from typing import NamedTuple

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.identity import device
from hitsr.analysis.measurements import numbers
from hitsr.report import contents
from hitsr.report.drawing.style import GREY, WIDTH, edge, empty

FIGURE = contents.Figure(
    name="convergence",
    title="Convergence",
    about="Validation PSNR of each network and of the HiT network that converts it, against iterations and, where "
    "all were trained on one kind of device, against the time of the optimiser's steps: mean over seeds, band from the "
    "lowest seed to the highest. The vertical axis starts at the lowest PSNR after a quarter of the training.",
    needs=("training",),
    paper="convergence curves",
)

COLUMNS = 3
LONG = 18
"""Letters of a name from which two of them do not fit side by side above a panel."""
UNITS = (("h", 3600), ("min", 60), ("s", 1))


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """One column per family and scale: validation PSNR against the iteration, and against the time of the steps.

    The line is the mean over seeds, the band reaches from the lowest seed to the highest. Times of several devices are
    not drawn: beside each other they would say something of networks that is true of devices.
    """
    psnr = numbers(table, "validation_psnr")
    measured = set(psnr.method)
    families = [[name for name in family if name in measured] for family in lineup.families(config)]
    panels = [(family, scale) for scale in config["scales"] for family in families if family]
    if not panels:
        return empty("No network was validated: the run has no validation_set.")
    drawn = {method for family, _ in panels for method in family}
    devices = sorted({device(file)[0] for file in psnr[psnr.method.isin(drawn)].file.unique()})
    axis = _times(table) if len(devices) == 1 else None
    per_panel = 2 if axis else 1
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    size = (WIDTH if columns > 1 else WIDTH * 0.6, (4.3 if axis else 2.4) * rows)
    figure, grid = plt.subplots(per_panel * rows, columns, figsize=size, squeeze=False, sharey=True)
    for number, (family, scale) in enumerate(panels):
        row, column = divmod(number, columns)
        own = [grid[per_panel * row + each][column] for each in range(per_panel)]
        for method in family:
            _curve(own, table, method, scale, config["methods"][method], axis.seconds if axis else 1)
        place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1), "columnspacing": 1, "handlelength": 1.6}
        columns_of_legend = 1 if max(map(len, family)) > LONG else 2
        own[0].legend(ncols=columns_of_legend, fontsize=7.5, frameon=False, **place)
        own[0].set_xlabel(f"iteration, ×{scale}")
        if axis:
            own[1].set_xlabel(f"training time ({axis.unit}), ×{scale}")
        for axes in own:
            axes.spines[["top", "right"]].set_visible(False)
            axes.locator_params(axis="x", nbins=5)
            if column == 0:
                axes.set_ylabel("validation PSNR (dB)")
    for number in range(len(panels), rows * columns):
        row, column = divmod(number, columns)
        for each in range(per_panel):
            grid[per_panel * row + each][column].axis("off")
    grid[0][0].set_ylim(bottom=_bottom(table))
    if not axis:
        figure.supxlabel(f"no times: trained on {', '.join(devices)}", fontsize=7.5, color=GREY)
    return figure


class Times(NamedTuple):
    """Unit of the axis of training times, and its seconds."""

    unit: str
    seconds: int


def _times(table: pd.DataFrame) -> Times:
    longest = numbers(table, "training_time").value.max()
    return Times(*next((unit for unit in UNITS if longest >= 2 * unit[1]), UNITS[-1]))


def _bottom(table: pd.DataFrame) -> float:
    """Where the vertical axis starts: the lowest PSNR after the first quarter, so that the end can be read."""
    rows = numbers(table, "validation_psnr")
    late = rows[rows.iteration >= rows.iteration.max() / 4].value
    return late.min() - 0.05 * (late.max() - late.min())


def _curve(panels: list[Axes], table: pd.DataFrame, method: str, scale: int, entry: dict, unit: int) -> None:
    """Draw a method into the panel of iterations and, if there are two, into that of times, in `unit` seconds."""
    psnr = _by_seed(table, "validation_psnr", method, scale)
    time = _by_seed(table, "training_time", method, scale).mean(axis=1) / unit
    marker = {"marker": entry["marker"], "markersize": 4.5, "markeredgecolor": edge(entry), "markeredgewidth": 0.6}
    for axes, x in zip(panels, (psnr.index, time.reindex(psnr.index)), strict=False):
        axes.plot(x, psnr.mean(axis=1), color=entry["colour"], linewidth=1.4, label=method, **marker)
        if psnr.shape[1] > 1:
            axes.fill_between(x, psnr.min(axis=1), psnr.max(axis=1), color=entry["colour"], alpha=0.2, linewidth=0)


def _by_seed(table: pd.DataFrame, quantity: str, method: str, scale: int) -> pd.DataFrame:
    """Iterations as rows, seeds as columns."""
    found = numbers(table, quantity, method=method, scale=scale)
    keys = {"iteration": found.iteration.astype(int), "seed": found.seed.astype(int)}
    return found.assign(**keys).pivot(index="iteration", columns="seed", values="value").sort_index()
