"""One axis of an ablation: what each option costs, and how much it gains or loses, with intervals."""

import math

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.analysis.comparisons import of_axis
from hitsr.analysis.costs import counted, timed
from hitsr.analysis.differences import differences, pairs_of_axis
from hitsr.analysis.estimates import LEVEL
from hitsr.analysis.measurements import implementations
from hitsr.analysis.statistics import Comparison
from hitsr.measure.metrics import chosen
from hitsr.report import contents
from hitsr.report.drawing.style import GREY, WIDTH

FIGURE = contents.Figure(
    name="ablation",
    title="Ablation",
    about="Cost of each variant, and its paired difference from the base.",
    needs=("quality", "complexity", "latency"),
    paper="ablation study",
    per_axis=True,
)


def draw(table: pd.DataFrame, config: dict, axis: str) -> Figure:
    """Bars of parameters, multiply-adds and latency, and the paired difference from the base with its interval."""
    entry, scale = config["ablations"][axis], config["scales"][0]
    methods, dataset = of_axis(config, axis), config["test_sets"][0]
    implementation = implementations(config)[-1]
    colour = config["methods"][entry["base"]]["colour"]
    panels = [
        ("Parameters (K)", 1e3, lambda method: counted(table, config, "parameters", method, scale)),
        ("FLOPs (G)", 1e9, lambda method: counted(table, config, "macs", method, scale)),
        ("Latency (ms)", 1, lambda method: timed(table, config, "latency_median", method, scale, implementation)),
    ]
    height = 0.75 + 0.29 * len(methods)
    figure, grid = plt.subplots(1, 4, figsize=(WIDTH, height), sharey=True, width_ratios=[1, 1, 1, 1.6])
    labels = list(methods.values())
    for axes, (title, unit, cost) in zip(grid[:3], panels, strict=True):
        costs = [cost(method) for method in methods]
        _bars(axes, labels, [number.value / unit if number else 0 for number in costs], colour)
        axes.set_title(title)
    metric = chosen(config)[0]
    compared = differences(table, config, metric.name)
    shown = [pair for pair in pairs_of_axis(config, axis) if pair.dataset == dataset and pair in compared]
    found = {pair.method: compared[pair][0] for pair in shown}
    _intervals(grid[3], list(methods), found, colour)
    grid[3].set_title(f"{metric.in_unit}, difference")
    note = f"{dataset} ×{scale}, {LEVEL:.0%} intervals; filled: separated from {entry['base']} (Holm), hollow: not"
    figure.supxlabel(f"{note}; {implementation} implementation", fontsize=7.5, color=GREY)
    return figure


def _bars(axes: Axes, labels: list[str], values: list[float], colour: str) -> None:
    shades = [colour] + ["#B8C4CE"] * (len(labels) - 1)
    bars = axes.barh(range(len(labels)), values, color=shades, height=0.7)
    shown = [f"{value:.3g}" if value < 1000 else f"{value:,.0f}" for value in values]
    axes.bar_label(bars, [text if value else "–" for text, value in zip(shown, values, strict=True)], padding=2, size=7)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlim(0, max([*values, 1e-9]) * 1.45)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def _intervals(axes: Axes, methods: list[str], found: dict[str, Comparison], colour: str) -> None:
    axes.axvline(0, color=colour, linewidth=1.2)
    axes.plot(0, 0, marker="D", color=colour, markersize=5)
    for row, method in enumerate(methods):
        comparison = found.get(method)
        if comparison is None:
            continue
        if not math.isfinite(comparison.difference):
            continue
        if not math.isnan(comparison.low):
            axes.plot([comparison.low, comparison.high], [row, row], color=GREY, linewidth=1.5, zorder=1)
        face = GREY if comparison.separated else "white"
        axes.plot(comparison.difference, row, marker="o", markersize=5, color=GREY, markerfacecolor=face)
    axes.margins(x=0.12)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
