"""Visual comparison: crops of the test images by every method, with PSNR under each, and their error maps."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage

from hitsr.report import crops
from hitsr.report.crops import Crop, Panel
from hitsr.report.figures.style import WIDTH, box, empty, picture

OVERVIEW = 2
"""Columns that the whole image takes."""
COLUMNS = 4
BAR = 0.55
"""Inches that the colour bar takes."""
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
    scale = ScalarMappable(Normalize(0, max(highest, 1)), "inferno")

    def show(axes: Axes, panel: Panel) -> AxesImage:
        if panel.psnr is None:
            return axes.imshow(panel.image, interpolation="nearest")
        return axes.imshow(panel.error, norm=scale.norm, cmap=scale.cmap, interpolation="nearest")

    return _blocks(table, config, show, scale)


def _blocks(
    table: pd.DataFrame, config: dict, show: Callable[[Axes, Panel], AxesImage], scale: ScalarMappable | None = None
) -> Figure:
    chosen = crops.read(config)
    if not chosen:
        return empty("no image was scored in this run")
    shown = [crops.panels(crop, table, config) for crop in chosen]
    rows = -(-len(shown[0]) // COLUMNS)
    aspect = max(crop.height / crop.width for crop in chosen)
    height = rows * (WIDTH * 0.68 / COLUMNS * aspect + 0.34)
    heights = [height] * len(chosen) + ([BAR] if scale else [])
    figure = plt.figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    blocks = np.atleast_1d(figure.subfigures(len(heights), 1, hspace=0.03, height_ratios=heights))
    for block, crop, panels in zip(blocks, chosen, shown, strict=False):
        _block(block, crop, panels, config, rows, show)
    if scale:
        axes = blocks[-1].subplots(1, 3, width_ratios=[1, 2, 1])
        axes[0].axis("off")
        axes[2].axis("off")
        bar = figure.colorbar(scale, cax=axes[1], orientation="horizontal")
        bar.set_label(f"absolute error of Y (levels of 255; brightest: {scale.norm.vmax:.0f} and more)")
        bar.outline.set_visible(False)
    return figure


def _block(block: SubFigure, crop: Crop, panels: list[Panel], config: dict, rows: int, show: Callable) -> None:
    grid = block.add_gridspec(rows, COLUMNS + OVERVIEW, wspace=0.02, hspace=0.02)
    overview = block.add_subplot(grid[:, :OVERVIEW])
    overview.imshow(crops.original(crop.dataset, crop.image, config), interpolation="nearest")
    picture(overview, f"{crop.image} ({crop.dataset}), ×{crops.scale_of(config)}")
    box(overview, (crop.x - 0.5, crop.y - 0.5), crop.width, crop.height)
    best = max(f"{panel.psnr:.2f}" for panel in panels[1:])
    for number, panel in enumerate(panels):
        axes = block.add_subplot(grid[number // COLUMNS, OVERVIEW + number % COLUMNS])
        show(axes, panel)
        score = "" if panel.psnr is None else f"{panel.psnr:.2f} dB"
        picture(axes, f"{panel.label}\n{score}", bold=score == f"{best} dB")
