"""What all figures share: fonts, sizes, one colour and marker per method, and how they are written."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from hitsr.atomic import replacing

WIDTH = 7.0
"""Inches: the text width of a two-column page."""
GREY = "#555555"
MARK = "#D55E00"
"""Boxes that point at a part of an image."""

sns.set_theme(
    context="paper",
    style="whitegrid",
    rc={
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
