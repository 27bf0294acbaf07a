"""What all figures share: fonts, sizes, one colour and marker per method, and how they are written."""

import math
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, NullFormatter

from hitsr.atomic import replacing
from hitsr.report.drawing.text import drawable, families, prepare

WIDTH = 7.0
"""Inches: the text width of a two-column page."""
GREY = "#555555"
FRONT = "#009E73"
"""The Pareto front, pale behind the points."""
LETTERS = 1.7
"""Letters in a width as great as the size of the type."""

sns.set_theme(
    context="paper",
    style="whitegrid",
    rc={
        "font.family": list(families()),
        # a dollar sign in a name is no mathematics
        "text.parse_math": False,
        "font.size": 9,
        "axes.labelsize": 9,
        "axes.titlesize": 9.5,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "legend.fontsize": 8,
        "axes.edgecolor": "#999999",
        "grid.color": "#E5E5E5",
        "svg.hashsalt": "hitsr",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "figure.constrained_layout.use": True,
    },
)


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write NAME.pdf, NAME.png (200 dpi) and NAME.svg; the same figure gives the same bytes."""
    prepare(figure)
    for suffix, metadata in (("pdf", {"CreationDate": None}), ("png", {"Software": None}), ("svg", {"Date": None})):
        with replacing(folder / f"{name}.{suffix}") as temporary:
            figure.savefig(temporary, dpi=200, metadata=metadata, bbox_inches="tight", facecolor="white")
    plt.close(figure)


def empty(message: str) -> Figure:
    """A figure that says why there is nothing to show."""
    figure, axes = plt.subplots(figsize=(WIDTH, 1.2))
    axes.axis("off")
    axes.text(0.5, 0.5, message, ha="center", va="center", color=GREY)
    return figure


def unmeasured(axes: Axes) -> None:
    """Say in axes that nothing of them was measured."""
    nothing(axes, "not measured")


def nothing(axes: Axes, why: str) -> None:
    """Say in axes why they are empty."""
    axes.set(xticks=[], yticks=[])
    axes.text(0.5, 0.5, why, ha="center", va="center", color=GREY, transform=axes.transAxes)


def powers(value: float, place: int | None = None) -> str:
    """A tick of a logarithmic axis as a power of ten, such as 10⁻³; empty between powers."""
    exponent = round(math.log10(value)) if value > 0 else 0
    if not math.isclose(value, 10.0**exponent):
        return ""
    digits = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{digits}"


def plain_log_ticks(axes: Axes) -> None:
    """Label a logarithmic vertical axis with 1, 2, 5, 10, ... instead of powers."""
    decades = np.ptp(np.log10(axes.get_ylim()))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2 else (1,)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def edge(entry: dict) -> str:
    """Edge of a method's marker: black if it converts another network, grey if it only trains it otherwise."""
    return GREY if entry["retrains"] else "black" if entry["baseline"] else "white"


def picture(axes: Axes, text: str, bold: bool = False, size: float = 7.5) -> None:
    """Make axes that show an image: nothing around it but a text below, whose words fit its width."""
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    longest = int(axes.get_window_extent().width / axes.figure.dpi * 72 / size * LETTERS)
    lines = "\n".join(drawable(line, max(longest, 12)) for line in text.split("\n"))
    axes.set_xlabel(lines, fontsize=size, fontweight="bold" if bold else "normal", labelpad=2)


def box(axes: Axes, corner: tuple[float, float], width: float, height: float, line: float = 1.2) -> None:
    """Point at a part of an image: white on black, so that it shows on any image."""
    for colour, thickness in (("black", 2.2 * line), ("white", line)):
        axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=thickness))
