"""All methods of Table 2 by scale: PSNR against multiply-adds, measured where there are weights, else printed."""

import math
from typing import NamedTuple

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hitsr.analysis import published
from hitsr.analysis.costs import counted
from hitsr.analysis.measurements import number
from hitsr.report import contents
from hitsr.report.drawing import labels
from hitsr.report.drawing.style import FRONT, GREY, WIDTH, empty, unmeasured
from hitsr.report.figures.tradeoff import pareto

FIGURE = contents.Figure(
    name="pareto",
    title="All of Table 2",
    about="PSNR of the last test set against multiply-adds of every method of Table 2. Filled: PSNR measured here with "
    "given or trained weights; hollow: printed. Multiply-adds are counted here by one counter for all, or printed "
    "where no network is public (diamond). Implausible printed figures are left out. The line is the Pareto front.",
    needs=("quality", "complexity"),
    paper="Table 2",
)


class Point(NamedTuple):
    """A method: G multiply-adds, PSNR in dB, and whether each was measured here."""

    cost: float
    score: float
    counted: bool
    scored: bool


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """A panel per scale; each point has its name."""
    if not config["test_sets"]:
        return empty("The run has no test set.")
    dataset, scales = config["test_sets"][-1], config["scales"]
    figure, grid = plt.subplots(len(scales), 1, figsize=(WIDTH, 3.3 * len(scales)), squeeze=False)
    for axes, scale in zip(grid[:, 0], scales, strict=True):
        _panel(axes, points(table, config, scale, dataset), config)
        axes.set(xlabel=f"FLOPs (G multiply-adds), ×{scale}", ylabel=f"PSNR (dB), {dataset}")
    figure.legend(handles=_legend(), loc="outside lower center", ncols=4, frameon=False)
    for axes, scale in zip(grid[:, 0], scales, strict=True):
        found = points(table, config, scale, dataset)
        styles = {name: {"fontweight": "bold"} for name, point in found.items() if point.scored}
        labels.place(axes, {name: point[:2] for name, point in found.items()}, styles=styles)
    return figure


def points(table: pd.DataFrame, config: dict, scale: int, dataset: str) -> dict[str, Point]:
    """Methods of the run and of Table 2 that have both a cost and a score."""
    column = f"{published.COLUMN.get(config['datasets'][dataset].get('public', dataset))}_psnr"
    networks = [name for name, entry in config["methods"].items() if not entry["interpolation"]]
    found = {}
    for method in dict.fromkeys([*networks, *(name for name, _ in published.table2().index)]):
        own, known = method in config["methods"], not config["methods"].get(method, {}).get("options")
        cost = counted(table, config, "macs", method, scale) if own else None
        score = number(table, "psnr", method=method, scale=scale, dataset=dataset) if own else None
        printed = published.printed(method, scale, column) if known else None
        if (method, scale, column) in published.doubted():
            printed = None
        macs = cost.value / 1e9 if cost else published.printed(method, scale, "flops_g") if not own else None
        psnr = score.value if score else printed
        if macs is not None and psnr is not None and math.isfinite(psnr):
            found[method] = Point(macs, psnr, cost is not None, score is not None)
    return found


def _panel(axes: Axes, found: dict[str, Point], config: dict) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    if not found:
        unmeasured(axes)
        return
    for method, point in found.items():
        colour = config["methods"][method]["colour"] if method in config["methods"] else GREY
        axes.scatter(
            point.cost, point.score, s=34, zorder=3, marker="o" if point.counted else "D", edgecolors=colour,
            facecolors=colour if point.scored else "white", linewidths=1.3,
        )  # fmt: skip
    axes.margins(0.09, 0.13)
    (left, right), limits = axes.get_xlim(), axes.get_ylim()
    front = [found[method] for method in pareto({name: point[:2] for name, point in found.items()})]
    costs, scores = [front[0].cost, *(p.cost for p in front), right], [limits[0], *(p.score for p in front)]
    axes.step(costs, [*scores, front[-1].score], where="post", color=FRONT, linewidth=3, zorder=0, alpha=0.3)
    axes.set(xlim=(left, right), ylim=limits)


def _legend() -> list[Line2D]:
    def mark(label: str, marker: str, filled: bool) -> Line2D:
        face = GREY if filled else "white"
        return Line2D(
            [], [], linestyle="", markersize=6, label=label, marker=marker, markeredgecolor=GREY, markerfacecolor=face
        )

    return [
        mark("PSNR measured here", "o", True),
        mark("PSNR printed", "o", False),
        mark("both printed", "D", False),
        Line2D([], [], color=FRONT, linewidth=3, alpha=0.3, label="Pareto front"),
    ]
