"""Visual comparison: crops of the test images by every method, with PSNR under each, and their error maps."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from hitsr.report import crops
from hitsr.report.crops import Crop, Panel
from hitsr.report.figures.style import MARK, WIDTH, empty

OVERVIEW = 2
"""Columns that the whole image takes."""
COLUMNS = 4
ERROR_PERCENTILE = 99.5
"""The colour scale of error maps ends at this percentile of all errors shown, rounded up."""


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """Per crop: the whole image with a box, then the crop of the original and of every method."""
    return _blocks(table, config, lambda axes, panel: axes.imshow(panel.image, interpolation="nearest"))


def draw_errors(table: pd.DataFrame, config: dict) -> Figure:
    """The same crops as maps of the absolute error of Y, all on one colour scale."""
    found = [panel.error for crop in crops.read(config) for panel in crops.panels(crop, table, config)[1:]]
    if not found:
        return empty("no image was scored in this run")
    highest = np.ceil(np.percentile(np.concatenate([error.ravel() for error in found]), ERROR_PERCENTILE))
    scale = {"cmap": "inferno", "vmin": 0, "vmax": max(highest, 1), "interpolation": "nearest"}

    def show(axes: Axes, panel: Panel) -> AxesImage:
        return axes.imshow(panel.image if panel.psnr is None else panel.error, **scale)

    figure = _blocks(table, config, show)
    mappable = plt.cm.ScalarMappable(plt.Normalize(0, scale["vmax"]), scale["cmap"])
    bar = figure.colorbar(mappable, ax=figure.axes, location="bottom", shrink=0.4, aspect=40, extend="max", pad=0.01)
    bar.set_label("absolute error of Y (levels of 255)")
    bar.outline.set_visible(False)
    return figure


def _blocks(table: pd.DataFrame, config: dict, show: Callable[[Axes, Panel], AxesImage]) -> Figure:
    chosen = crops.read(config)
    if not chosen:
        return empty("no image was scored in this run")
    shown = [crops.panels(crop, table, config) for crop in chosen]
    rows = -(-len(shown[0]) // COLUMNS)
    aspect = max(crop.height / crop.width for crop in chosen)
    height = rows * (WIDTH * 0.68 / COLUMNS * aspect + 0.34)
    figure = plt.figure(figsize=(WIDTH, height * len(chosen)), layout="constrained")
    blocks = np.atleast_1d(figure.subfigures(len(chosen), 1, hspace=0.03))
    for block, crop, panels in zip(blocks, chosen, shown, strict=True):
        _block(block, crop, panels, config, rows, show)
    return figure


def _block(block: SubFigure, crop: Crop, panels: list[Panel], config: dict, rows: int, show: Callable) -> None:
    grid = block.add_gridspec(rows, COLUMNS + OVERVIEW, wspace=0.02, hspace=0.02)
    overview = block.add_subplot(grid[:, :OVERVIEW])
    overview.imshow(crops.original(crop.dataset, crop.image, config), interpolation="nearest")
    _label(overview, f"{crop.image} ({crop.dataset}), ×{crops.scale_of(config)}")
    box = Rectangle((crop.x, crop.y), crop.width, crop.height, fill=False, edgecolor=MARK, linewidth=1.5)
    overview.add_patch(box)
    best = max(f"{panel.psnr:.2f}" for panel in panels[1:])
    for number, panel in enumerate(panels):
        axes = block.add_subplot(grid[number // COLUMNS, OVERVIEW + number % COLUMNS])
        show(axes, panel)
        score = "" if panel.psnr is None else f"{panel.psnr:.2f}"
        _label(axes, f"{panel.label}\n{score} dB" if score else panel.label, bold=score == best)


def _label(axes: Axes, text: str, bold: bool = False) -> None:
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(text, fontsize=7.5, fontweight="bold" if bold else "normal", labelpad=2)
