"""Crops of all methods side by side, as photographs or as maps."""

from collections.abc import Callable

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from hitsr.analysis import crops
from hitsr.analysis.crops import Crop
from hitsr.report.drawing.style import WIDTH, box, empty, picture
from hitsr.report.panels import Panel, panels

COLUMNS = 4
"""At most; fewer where the last row would else be short."""
OVERVIEW, GAP, LINE, BAR = 2.2, 0.06, 0.144, 0.6
"""Inches: width of the whole image, between panels, height of a line of text, and of the colour bar."""
Show = Callable[[Axes, Panel], AxesImage]
"""Draws a panel into axes."""


def mosaic(table: pd.DataFrame, config: dict, show: Show, scale: ScalarMappable | None = None) -> Figure:
    """All crops below each other, at computed places: a layout engine differs in the last digits each time."""
    chosen = crops.read(config)
    if not chosen:
        return empty("No image was scored at this scale.")
    shown = [panels(crop, table, config) for crop in chosen]
    rows = -(-len(shown[0]) // COLUMNS)
    columns = -(-len(shown[0]) // rows)
    wide = (WIDTH - OVERVIEW) / columns - GAP
    # the name, and the lines of scores
    label = LINE * (1 + max(len(_lines(panel)) for own in shown for panel in own)) + LINE / 2
    heights = [rows * (wide * crop.height / crop.width + label) for crop in chosen]
    figure = plt.figure(figsize=(WIDTH, sum(heights) + (BAR if scale else 0)))
    figure.set_layout_engine("none")
    top = 0.0
    for crop, own, height in zip(chosen, shown, heights, strict=True):
        _block(figure, top, height, label, columns, crop, own, config, show)
        top += height
    if scale:
        axes = _axes(figure, WIDTH / 4, top, WIDTH / 2, 0.09)
        bar = figure.colorbar(scale, cax=axes, orientation="horizontal")
        bar.set_label(f"absolute error of Y (levels of 255; brightest: {scale.norm.vmax:.0f} and more)")
        bar.outline.set_visible(False)
    return figure


def _block(
    figure: Figure,
    top: float,
    height: float,
    label: float,
    columns: int,
    crop: Crop,
    shown: list[Panel],
    config: dict,
    show: Callable,
) -> None:
    whole = crops.original(crop.dataset, crop.image, config)
    ratio = whole.shape[0] / whole.shape[1]
    width = min(OVERVIEW, (height - label) / ratio)
    overview = _axes(figure, OVERVIEW - width, top, width, width * ratio)
    overview.imshow(whole, interpolation="nearest")
    picture(overview, f"{crop.image}\n{crop.dataset}, ×{crops.scale_of(config)}")
    box(overview, (crop.x - 0.5, crop.y - 0.5), crop.width, crop.height)
    wide = (WIDTH - OVERVIEW) / columns - GAP
    tall = wide * crop.height / crop.width
    for number, panel in enumerate(shown):
        row, column = divmod(number, columns)
        axes = _axes(figure, OVERVIEW + GAP + column * (wide + GAP), top + row * (tall + label), wide, tall)
        show(axes, panel)
        picture(axes, "\n".join([panel.label, *_lines(panel)]), bold=panel.best)


def _lines(panel: Panel) -> list[str]:
    """Its scores, two in a line."""
    return [" / ".join(panel.scores[start : start + 2]) for start in range(0, len(panel.scores), 2)]


def _axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place in inches from the upper left corner."""
    across, down = figure.get_size_inches()
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))
