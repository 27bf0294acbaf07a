"""Visual comparison: crops of the test images by every method, with PSNR under each, and their error maps."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from hitsr.report import crops
from hitsr.report.crops import Crop, Panel
from hitsr.report.figures.style import WIDTH, box, empty, picture

COLUMNS = 4
OVERVIEW, GAP, LABEL, BAR = 2.2, 0.06, 0.36, 0.6
"""Inches: width of the whole image, between panels, height of the text below a panel, and of the colour bar."""
PANEL = (WIDTH - OVERVIEW - COLUMNS * GAP) / COLUMNS
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
    """All crops below each other, at computed places: a layout engine differs in the last digits each time."""
    chosen = crops.read(config)
    if not chosen:
        return empty("no image was scored in this run")
    shown = [crops.panels(crop, table, config) for crop in chosen]
    rows = -(-len(shown[0]) // COLUMNS)
    heights = [rows * (PANEL * crop.height / crop.width + LABEL) for crop in chosen]
    figure = plt.figure(figsize=(WIDTH, sum(heights) + (BAR if scale else 0)))
    figure.set_layout_engine("none")
    top = 0.0
    for crop, panels, height in zip(chosen, shown, heights, strict=True):
        _block(figure, top, height, crop, panels, config, show)
        top += height
    if scale:
        axes = _axes(figure, WIDTH / 4, top, WIDTH / 2, 0.09)
        bar = figure.colorbar(scale, cax=axes, orientation="horizontal")
        bar.set_label(f"absolute error of Y (levels of 255; brightest: {scale.norm.vmax:.0f} and more)")
        bar.outline.set_visible(False)
    return figure


def _block(
    figure: Figure, top: float, height: float, crop: Crop, panels: list[Panel], config: dict, show: Callable
) -> None:
    whole = crops.original(crop.dataset, crop.image, config)
    ratio = whole.shape[0] / whole.shape[1]
    width = min(OVERVIEW, (height - LABEL) / ratio)
    overview = _axes(figure, OVERVIEW - width, top, width, width * ratio)
    overview.imshow(whole, interpolation="nearest")
    picture(overview, f"{crop.image}\n{crop.dataset}, ×{crops.scale_of(config)}")
    box(overview, (crop.x - 0.5, crop.y - 0.5), crop.width, crop.height)
    best = max(round(panel.psnr, 2) for panel in panels[1:])
    tall = PANEL * crop.height / crop.width
    for number, panel in enumerate(panels):
        row, column = divmod(number, COLUMNS)
        axes = _axes(figure, OVERVIEW + GAP + column * (PANEL + GAP), top + row * (tall + LABEL), PANEL, tall)
        show(axes, panel)
        score = "" if panel.psnr is None else f"{panel.psnr:.2f} dB"
        picture(axes, f"{panel.label}\n{score}", bold=panel.psnr is not None and round(panel.psnr, 2) == best)


def _axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place in inches from the upper left corner."""
    across, down = figure.get_size_inches()
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))
