"""Bars of parameters, multiply-adds and latency."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.report.figures.style import WIDTH, empty
from hitsr.report.measurements import number


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """One row of panels per scale, one bar per network, in the order of the tables."""
    formulation = config["latency"]["formulations"][-1]
    methods = [name for name, entry in config["methods"].items() if entry["network"]]
    if not methods:
        return empty("no network in this run")
    panels = [
        ("Parameters (K)", "parameters", {}, 1e-3),
        ("FLOPs (G multiply-adds)", "macs_fvcore", {}, 1e-9),
        (f"Latency (ms), {formulation}", "latency_median", {"variant": formulation}, 1),
    ]
    scales = config["scales"]
    height = 0.55 + 0.27 * len(methods)
    figure, grid = plt.subplots(
        len(scales), len(panels), figsize=(WIDTH, height * len(scales)), sharey=True, squeeze=False
    )
    for row, scale in zip(grid, scales, strict=True):
        for axes, (title, quantity, where, factor) in zip(row, panels, strict=True):
            found = [number(table, quantity, method=m, scale=scale, **where) for m in methods]
            values = [value[0] * factor if value else 0 for value in found]
            _bars(axes, methods, values, config)
            axes.set_title(f"{title}, ×{scale}")
    return figure


def _bars(axes: Axes, methods: list[str], values: list[float], config: dict) -> None:
    colours = [config["methods"][method]["colour"] for method in methods]
    bars = axes.barh(methods, values, color=colours, height=0.72)
    labels = [f"{value:.1f}" if value < 100 else f"{value:,.0f}" for value in values]
    axes.bar_label(
        bars, [label if value else "–" for label, value in zip(labels, values, strict=True)], padding=2, size=8
    )
    axes.set_xlim(0, max([*values, 1e-9]) * 1.28)
    axes.set_ylim(len(methods) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.spines[["top", "right"]].set_visible(False)
