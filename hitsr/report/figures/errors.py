"""Error maps of the crops of the visual comparison."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from hitsr.analysis import crops
from hitsr.report import contents
from hitsr.report.drawing.mosaic import mosaic
from hitsr.report.drawing.style import empty
from hitsr.report.panels import Panel, panels

FIGURE = contents.Figure(
    name="errors",
    title="Error maps",
    about="Absolute error of Y of every method in the crops of the visual comparison, on one colour scale.",
    needs=("quality",),
    photographic=True,
    crops=True,
)

ERROR_PERCENTILE = 99.5
"""The colour scale of error maps ends at this percentile of all errors shown, rounded up."""


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """The same crops as maps of the absolute error of Y, all on one colour scale."""
    every = [panel.error for crop in crops.read(config) for panel in panels(crop, table, config)]
    found = [error.ravel() for error in every if error is not None]
    if not found:
        return empty("No image was scored at this scale.")
    highest = np.ceil(np.percentile(np.concatenate(found), ERROR_PERCENTILE))
    norm = Normalize(0, max(highest, 1))
    scale = ScalarMappable(norm, "inferno")

    def show(axes: Axes, panel: Panel) -> AxesImage:
        if panel.error is None:
            return axes.imshow(panel.image, interpolation="nearest")
        return axes.imshow(panel.error, norm=norm, cmap=scale.cmap, interpolation="nearest")

    return mosaic(table, config, show, scale)
