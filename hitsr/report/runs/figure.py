"""Difference of each method between two runs, with intervals, and the ratio of costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter

from hitsr.analysis.estimates import LEVEL
from hitsr.report.drawing.style import GREY, WIDTH, nothing
from hitsr.report.runs.tables import UNITS, metric_of

if TYPE_CHECKING:
    from hitsr.analysis.runs.comparing import Compared

NAME = "difference"
BETTER, WORSE = "#0072B2", "#D55E00"
LINE = 0.24
"""Inches of a row."""


def draw(found: Compared) -> Figure:
    """Left, the difference of the first metric per method and test set; right, ratios of costs."""
    first = found.scores[0].quantity if found.scores else ""
    rows = [score for score in found.scores if score.quantity == first]
    costs = [cost for cost in found.costs if not cost.doubt and cost.ratio != 1]
    height = 1.1 + LINE * max(len(rows), len(costs), 3)
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, height), width_ratios=(1, 1))
    _scores(left, found, rows)
    _costs(right, found, costs)
    return figure


def _scores(axes: Axes, found: Compared, rows: list) -> None:
    if not rows:
        nothing(axes, "no score in common")
        return
    metric = metric_of(rows[0].quantity)
    sign = metric.sign if metric else 1
    for at, score in enumerate(rows):
        comparison = score.comparison
        better = sign * comparison.difference > 0
        colour = (BETTER if better else WORSE) if comparison.separated else GREY
        axes.plot([comparison.low, comparison.high], [at, at], color=colour, linewidth=1.4, solid_capstyle="butt")
        axes.plot(comparison.difference, at, "o", color=colour, markersize=4.5)
    axes.axvline(0, color="#999999", linewidth=1)
    several = len({score.dataset for score in rows}) > 1 or len({score.pair.scale for score in rows}) > 1
    names = [f"{s.pair.name}, {s.dataset} ×{s.pair.scale}" if several else s.pair.name for s in rows]
    _rows(axes, names)
    unit = f"{metric.title} difference ({metric.unit})" if metric and metric.unit else rows[0].quantity
    axes.set_xlabel(f"{unit}, {LEVEL:.0%} interval")
    axes.set_title(f"{found.labels[1]} − {found.labels[0]}")


def _costs(axes: Axes, found: Compared, costs: list) -> None:
    if not costs:
        nothing(axes, "no cost differs" if found.costs else "no cost in common")
        return
    for at, cost in enumerate(costs):
        colour = BETTER if cost.ratio < 1 else WORSE
        axes.plot(cost.ratio, at, "s", color=colour, markersize=4)
        if cost.interval:
            axes.plot(cost.interval, [at, at], color=colour, linewidth=1.4, solid_capstyle="butt")
    axes.axvline(1, color="#999999", linewidth=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    _rows(axes, [f"{cost.pair.name}, {UNITS[cost.quantity][0].split(' (')[0]}" for cost in costs])
    axes.set_xlabel(f"ratio of costs; of latency, {LEVEL:.0%} interval")
    axes.set_title(f"{found.labels[1]} / {found.labels[0]}")


def _rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.spines[["top", "right"]].set_visible(False)
