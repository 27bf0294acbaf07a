"""PSNR against cost, with the Pareto front."""

import math

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.costs import counted, declared, timed
from hitsr.analysis.measurements import implementations, number
from hitsr.configuration.questions import scored_scales
from hitsr.measure.metrics import chosen
from hitsr.report import contents
from hitsr.report.drawing.style import FRONT, GREY, WIDTH, edge, empty, unmeasured

FIGURE = contents.Figure(
    name="tradeoff",
    title="Quality against cost",
    about="PSNR of the first test set against parameters, multiply-adds and latency. A line joins a network to "
    "the HiT network that converts it (black edge); no network beats those on the Pareto front in both "
    "cost and PSNR. Hollow: the cost is declared by the authors, not measured, and the front passes it over.",
    needs=("quality", "complexity", "latency"),
)

TIME = "latency_median"
PANELS = (
    ("parameters", "parameters (K)", 1e3),
    ("macs", "FLOPs (G multiply-adds)", 1e9),
    (TIME, "latency (ms)", 1),
)
Points = dict[str, tuple[float, float]]
"""Cost and score by method."""


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """The first metric (mean of the first test set) against parameters, multiply-adds and latency.

    A thin line joins a network to the HiT network that converts it, under one recipe where the run has it so. The
    Pareto front holds the networks that no other beats in both cost and score.
    """
    if not config["test_sets"]:
        return empty("The run has no test set.")
    scales, dataset = config["scales"], config["test_sets"][0]
    figure, grid = plt.subplots(len(scales), 3, figsize=(WIDTH, 2.7 * len(scales)), sharey="row", squeeze=False)
    for row, scale in zip(grid, scales, strict=True):
        for axes, (what, title, unit) in zip(row, PANELS, strict=True):
            scored = _scored(table, config, scale, dataset)
            costs = {method: _cost(table, config, what, method, scale) for method in scored}
            said = {method: _said(config, what, method, scale) for method in scored}
            points = {method: (cost / unit, scored[method]) for method, cost in costs.items() if cost}
            hollow = {method: (cost / unit, scored[method]) for method, cost in said.items() if cost}
            _scatter(axes, points, hollow, config)
            axes.set_xlabel(f"{title}{f', {implementations(config)[-1]}' if what == TIME else ''}, ×{scale}")
        row[0].set_ylabel(f"{chosen(config)[0].in_unit}, {dataset}")
    figure.legend(handles=_legend(config), loc="outside lower center", ncols=4, frameon=False)
    return figure


def pareto(points: Points, sign: int = 1) -> list[str]:
    """Methods that no other beats (as cheap and as good, and better in one of the two), cheapest first.

    Args:
        sign: 1 if a higher score is better, else -1.
    """
    front, best = [], float("-inf")
    for method in sorted(points, key=lambda name: (points[name][0], -sign * points[name][1])):
        if sign * points[method][1] > best:
            front.append(method)
            best = sign * points[method][1]
    return front


def _scored(table: pd.DataFrame, config: dict, scale: int, dataset: str) -> dict[str, float]:
    """Finite scores by the first metric."""
    found = {
        method: number(table, config["metrics"][0], method=method, scale=scale, dataset=dataset)
        for method in lineup.compared(config)
    }
    return {method: score.value for method, score in found.items() if score and math.isfinite(score.value)}


def _cost(table: pd.DataFrame, config: dict, what: str, method: str, scale: int) -> float | None:
    """What was measured."""
    if what == TIME:
        found = timed(table, config, what, method, scale, implementations(config)[-1])
    else:
        found = counted(table, config, what, method, scale)
    return found.value if found else None


def _said(config: dict, what: str, method: str, scale: int) -> float | None:
    """What the authors declare."""
    return None if what == TIME else declared(config, what, method, scale)


def _scatter(axes: Axes, points: Points, hollow: Points, config: dict) -> None:
    """Measured points, and hollow ones beside them."""
    if not points and not hollow:
        unmeasured(axes)
        return
    for method, (cost, score) in points.items():
        entry = config["methods"][method]
        base = points.get(lineup.fair_base(config, method) or "")
        if base:
            axes.plot([base[0], cost], [base[1], score], color=GREY, linewidth=0.6, zorder=1)
        axes.scatter(cost, score, marker=entry["marker"], color=entry["colour"], edgecolors=edge(entry), s=55, zorder=3)
    for method, (cost, score) in hollow.items():
        entry = config["methods"][method]
        axes.scatter(cost, score, marker=entry["marker"], facecolors="none", edgecolors=entry["colour"], s=55, zorder=3)
    axes.margins(0.14)
    axes.spines[["top", "right"]].set_visible(False)
    axes.locator_params(axis="x", nbins=5)
    sign = chosen(config)[0].sign
    front = [points[method] for method in pareto(points, sign)]
    if front:
        # beyond the last point more cost buys nothing: the front goes on to the edge at the same score
        (left, right), limits = axes.get_xlim(), axes.get_ylim()
        worst = limits[0] if sign > 0 else limits[1]
        costs, scores = [front[0][0], *(cost for cost, _ in front), right], [worst, *(score for _, score in front)]
        axes.step(costs, [*scores, front[-1][1]], where="post", color=FRONT, linewidth=3, zorder=0, alpha=0.35)
        axes.set(xlim=(left, right), ylim=limits)


def _legend(config: dict) -> list[Line2D]:
    """Families beneath each other; the front at the end."""
    entries = []
    for family in lineup.families(config, [name for name in lineup.compared(config) if scored_scales(config, name)]):
        for method in family:
            entry = config["methods"][method]
            style = {"marker": entry["marker"], "color": entry["colour"], "markeredgecolor": edge(entry)}
            entries.append(Line2D([], [], linestyle="", markersize=7, label=method, **style))
    return [*entries, Line2D([], [], color=FRONT, linewidth=3, alpha=0.35, label="Pareto front")]
