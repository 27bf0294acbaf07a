"""How fast networks converge: validation PSNR of each network and of those that convert it."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.measurements import numbers
from hitsr.report import contents
from hitsr.report.drawing.style import WIDTH, edge, empty

FIGURE = contents.Figure(
    name="convergence",
    title="Convergence",
    about="Validation PSNR of each network and of the HiT network that converts it, against iterations and "
    "against the time of the optimiser's steps: mean over seeds, band from the lowest seed to the "
    "highest. The vertical axis starts at the lowest PSNR after a quarter of the training.",
    needs=("training",),
    paper="convergence curves",
)

COLUMNS = 3
LONG = 18
"""Letters of a name from which two of them do not fit side by side above a panel."""
UNITS = (("h", 3600), ("min", 60), ("s", 1))


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """One column per family and scale: validation PSNR against the iteration, and against the time of the steps.

    The line is the mean over seeds, the band reaches from the lowest seed to the highest.
    """
    seconds = numbers(table, "training_time").value.max()
    unit, factor = next((u for u in UNITS if seconds >= 2 * u[1]), UNITS[-1])
    measured = set(numbers(table, "validation_psnr").method)
    families = [[name for name in family if name in measured] for family in lineup.families(config)]
    panels = [(family, scale) for scale in config["scales"] for family in families if family]
    if not panels:
        return empty("No network was validated: the run has no validation_set.")
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    size = (WIDTH if columns > 1 else WIDTH * 0.6, 4.3 * rows)
    figure, grid = plt.subplots(2 * rows, columns, figsize=size, squeeze=False, sharey=True)
    for number, (family, scale) in enumerate(panels):
        row, column = divmod(number, columns)
        upper, lower = grid[2 * row][column], grid[2 * row + 1][column]
        for method in family:
            _curve(upper, lower, table, method, scale, config["methods"][method], factor)
        place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1), "columnspacing": 1, "handlelength": 1.6}
        columns_of_legend = 1 if max(map(len, family)) > LONG else 2
        upper.legend(ncols=columns_of_legend, fontsize=7.5, frameon=False, **place)
        upper.set_xlabel(f"iteration, ×{scale}")
        lower.set_xlabel(f"training time ({unit}), ×{scale}")
        for axes in (upper, lower):
            axes.spines[["top", "right"]].set_visible(False)
            axes.locator_params(axis="x", nbins=5)
            if column == 0:
                axes.set_ylabel("validation PSNR (dB)")
    for number in range(len(panels), rows * columns):
        row, column = divmod(number, columns)
        for axes in (grid[2 * row][column], grid[2 * row + 1][column]):
            axes.axis("off")
    grid[0][0].set_ylim(bottom=_bottom(table))
    return figure


def _bottom(table: pd.DataFrame) -> float:
    """Where the vertical axis starts: the lowest PSNR after the first quarter, so that the end can be read."""
    rows = numbers(table, "validation_psnr")
    late = rows[rows.iteration >= rows.iteration.max() / 4].value
    return late.min() - 0.05 * (late.max() - late.min())


def _curve(upper: Axes, lower: Axes, table: pd.DataFrame, method: str, scale: int, entry: dict, factor: float) -> None:
    psnr = _by_seed(table, "validation_psnr", method, scale)
    time = _by_seed(table, "training_time", method, scale).mean(axis=1) / factor
    marker = {"marker": entry["marker"], "markersize": 4.5, "markeredgecolor": edge(entry), "markeredgewidth": 0.6}
    for axes, x in ((upper, psnr.index), (lower, time.reindex(psnr.index))):
        axes.plot(x, psnr.mean(axis=1), color=entry["colour"], linewidth=1.4, label=method, **marker)
        if psnr.shape[1] > 1:
            axes.fill_between(x, psnr.min(axis=1), psnr.max(axis=1), color=entry["colour"], alpha=0.2, linewidth=0)


def _by_seed(table: pd.DataFrame, quantity: str, method: str, scale: int) -> pd.DataFrame:
    """Iterations as rows, seeds as columns."""
    found = numbers(table, quantity, method=method, scale=scale)
    keys = {"iteration": found.iteration.astype(int), "seed": found.seed.astype(int)}
    return found.assign(**keys).pivot(index="iteration", columns="seed", values="value").sort_index()
