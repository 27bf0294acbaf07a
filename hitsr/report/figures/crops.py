"""Visual comparison: crops of the test images by every method, with the scores of each."""

import pandas as pd
from matplotlib.figure import Figure

from hitsr.report import contents
from hitsr.report.drawing.mosaic import mosaic

FIGURE = contents.Figure(
    name="crops",
    title="Visual comparison",
    about="Crops of the test images, enlarged without smoothing. Scores are of the whole image; best bold. Crops "
    "that the configuration does not give are the windows in which the networks' outputs differ most.",
    needs=("quality",),
    paper="visual comparison",
    photographic=True,
    crops=True,
)


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """Per crop: the whole image with a box, then the crop of the original and of every method."""
    return mosaic(table, config, lambda axes, panel: axes.imshow(panel.image, interpolation="nearest"))
