"""Latency and peak memory against the size of the image."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator
from matplotlib.typing import LineStyleType

from hitsr.analysis.measurements import numbers
from hitsr.configuration import timed_at_sizes
from hitsr.report import contents
from hitsr.report.drawing.style import GREY, WIDTH, edge, empty, plain_log_ticks

FIGURE = contents.Figure(
    name="resolutions",
    title="Resolution scaling: latency and memory against the size of the image",
    about="Median time and peak memory of one forward pass for inputs of several sizes, reference (dotted), fixed "
    "size (dashed) and optimized; the size that tables show is timed once for both. "
    "Both axes are logarithmic; the thin line rises as the number of pixels.",
    needs=("latency", "resolutions"),
)

PANELS = (("latency_median", "latency (ms)"), ("peak_memory", "peak memory (MiB)"))
LINES: dict[str, LineStyleType] = {"reference": ":", "fixed_size": "--", "optimized": "-"}


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """Median time and peak memory of a forward pass, both axes logarithmic; one line per network and implementation."""
    methods = [name for name in timed_at_sizes(config) if not _rows(table, config, PANELS[0][0], method=name).empty]
    if not methods:
        return empty("None of the networks was timed at several sizes.")
    scales = config["scales"]
    figure, grid = plt.subplots(len(scales), 2, figsize=(WIDTH, 3.0 * len(scales)), squeeze=False)
    for row, scale in zip(grid, scales, strict=True):
        for axes, (quantity, title) in zip(row, PANELS, strict=True):
            rows = _with_pixels(_rows(table, config, quantity, scale=scale))
            for method in methods:
                _lines(axes, rows[rows.method == method], config["methods"][method])
            _proportional(axes, rows)
            _sizes(axes, rows)
            axes.set(yscale="log", xlabel=f"low-resolution image, ×{scale}", ylabel=title)
            plain_log_ticks(axes)
            axes.spines[["top", "right"]].set_visible(False)
    # a network without optimized layers was timed as the reference, whatever was asked for
    timed = set(_rows(table, config, PANELS[0][0]).implementation)
    drawn = [name for name in LINES if name in timed]
    entries = [Line2D([], [], label=method, **_style(config["methods"][method])) for method in methods]
    entries += [Line2D([], [], color=GREY, linestyle=LINES[name], label=name) for name in drawn]
    entries.append(Line2D([], [], color=GREY, linewidth=0.7, label="proportional to pixels"))
    figure.legend(handles=entries, loc="outside lower center", ncols=min(5, len(entries)), frameon=False)
    return figure


def _rows(table: pd.DataFrame, config: dict, quantity: str, **where: object) -> pd.DataFrame:
    """What was timed at the sizes of `latency.resolutions`, with that of `latency`, which is timed once for all."""
    sizes = [f"{width}x{height}" for width, height in config["latency"]["resolutions"]["sizes"]]
    found = numbers(table, quantity, backend="eager", **where)
    return found[found.input.isin(sizes) & found.method.isin(timed_at_sizes(config))]


def _with_pixels(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the number of pixels of their input, sorted by it."""
    sizes = rows.input.str.split("x", expand=True).astype(int)
    return rows.assign(pixels=sizes[0] * sizes[1]).sort_values("pixels")


def _style(entry: dict) -> dict:
    return {
        "color": entry["colour"], "marker": entry["marker"], "markersize": 5, "linewidth": 1.4,
        "markeredgecolor": edge(entry), "markeredgewidth": 0.7,
    }  # fmt: skip


def _lines(axes: Axes, rows: pd.DataFrame, entry: dict) -> None:
    for implementation, line in rows.groupby("implementation"):
        axes.plot(line.pixels, line.value, linestyle=LINES[implementation], **_style(entry))


def _proportional(axes: Axes, rows: pd.DataFrame) -> None:
    """A thin line below all points that rises as the number of pixels."""
    ends = rows.pixels.iloc[[0, -1]]
    axes.plot(ends, ends * (rows.value / rows.pixels).min() * 0.7, color=GREY, linewidth=0.7, zorder=1)


def _sizes(axes: Axes, rows: pd.DataFrame) -> None:
    """Ticks at the sizes that were measured."""
    sizes = rows.drop_duplicates("pixels")
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(sizes.pixels, sizes.input.str.replace("x", "×"))
