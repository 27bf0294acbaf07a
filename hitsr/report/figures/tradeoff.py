"""PSNR against cost, with the Pareto front."""

import math
from collections.abc import Callable

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.costs import counted, timed
from hitsr.analysis.measurements import implementations, number
from hitsr.measure.metrics import chosen
from hitsr.report import contents
from hitsr.report.drawing.style import FRONT, GREY, WIDTH, edge, empty, unmeasured

FIGURE = contents.Figure(
    name="tradeoff",
    title="Quality against cost",
    about="PSNR of the first test set against parameters, multiply-adds and latency. A line joins a network to "
    "the HiT network that converts it (black edge); no network beats those on the Pareto front in both "
    "cost and PSNR.",
    needs=("quality", "complexity", "latency"),
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
    implementation = implementations(config)[-1]
    panels = [
        ("parameters (K)", 1e3, lambda method, scale: counted(table, config, "parameters", method, scale)),
        ("FLOPs (G multiply-adds)", 1e9, lambda method, scale: counted(table, config, "macs", method, scale)),
        (
            f"latency (ms), {implementation}",
            1,
            lambda method, scale: timed(table, config, "latency_median", method, scale, implementation),
        ),
    ]
    scales, dataset = config["scales"], config["test_sets"][0]
    figure, grid = plt.subplots(len(scales), 3, figsize=(WIDTH, 2.7 * len(scales)), sharey="row", squeeze=False)
    for row, scale in zip(grid, scales, strict=True):
        for axes, (title, unit, cost) in zip(row, panels, strict=True):
            points = _points(table, config, scale, dataset, cost)
            _scatter(axes, {method: (value / unit, score) for method, (value, score) in points.items()}, config)
            axes.set_xlabel(f"{title}, ×{scale}")
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


def _points(table: pd.DataFrame, config: dict, scale: int, dataset: str, cost: Callable) -> Points:
    points = {}
    for method in lineup.compared(config):
        score = number(table, config["metrics"][0], method=method, scale=scale, dataset=dataset)
        found = cost(method, scale)
        if score and found and math.isfinite(score.value):
            points[method] = (found.value, score.value)
    return points


def _scatter(axes: Axes, points: Points, config: dict) -> None:
    if not points:
        unmeasured(axes)
        return
    for method, (cost, score) in points.items():
        entry = config["methods"][method]
        base = points.get(lineup.fair_base(config, method) or "")
        if base:
            axes.plot([base[0], cost], [base[1], score], color=GREY, linewidth=0.6, zorder=1)
        axes.scatter(cost, score, marker=entry["marker"], color=entry["colour"], edgecolors=edge(entry), s=55, zorder=3)
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
    for family in lineup.families(config):
        for method in family:
            entry = config["methods"][method]
            style = {"marker": entry["marker"], "color": entry["colour"], "markeredgecolor": edge(entry)}
            entries.append(Line2D([], [], linestyle="", markersize=7, label=method, **style))
    return [*entries, Line2D([], [], color=FRONT, linewidth=3, alpha=0.35, label="Pareto front")]
