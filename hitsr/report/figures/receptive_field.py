"""Effective receptive fields: where in the input an output pixel has its gradient."""

import math

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from hitsr.analysis.maps import Measured, measured
from hitsr.analysis.measurements import numbers
from hitsr.report import contents
from hitsr.report.drawing.style import WIDTH, empty, powers

FIGURE = contents.Figure(
    name="receptive_field",
    title="Effective receptive fields",
    about="Absolute gradient of an output pixel with respect to the input, averaged over images and places, and"
    " the square that holds 95 % of it (Luo et al., NeurIPS 2016). Log scale, black from 1/10,000 of the "
    "largest down.",
    needs=("attribution",),
    cites=("luo2016erf",),
    photographic=True,
)

COLUMNS = 4
LEAST = 1e-4
"""Gradients below this part of the largest one are shown as if they were it."""


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """Heat maps of the mean absolute gradient, log scale, with the square that holds 95 % of it."""
    by_scale = {scale: measured(table, config, scale) for scale in config["scales"]}
    most = max(len(methods) for methods in by_scale.values())
    if not most:
        return empty("None of the methods was attributed at these scales.")
    columns = min(most, COLUMNS)
    rows = math.ceil(most / columns)
    side = min(WIDTH / columns, 2.6)
    size = (side * columns + 0.7, (side + 0.4) * rows * len(by_scale))
    figure, grid = plt.subplots(rows * len(by_scale), columns, figsize=size, squeeze=False)
    for block, (scale, methods) in enumerate(by_scale.items()):
        panels = list(grid[block * rows : (block + 1) * rows].flat)
        reach = max((_reach(one.maps["receptive_field"]) for one in methods), default=1)
        for axes, one in zip(panels, methods, strict=False):
            image = _field(axes, one, table, reach)
            axes.set_xlabel(f"low-resolution pixels, ×{scale}")
        for axes in panels[len(methods) :]:
            axes.axis("off")
    bar = figure.colorbar(image, ax=grid, shrink=0.8, aspect=30, pad=0.02, format=powers)
    bar.set_label("gradient relative to the largest")
    bar.outline.set_visible(False)
    return figure


def _field(axes: Axes, one: Measured, table: pd.DataFrame, reach: int) -> AxesImage:
    field = one.maps["receptive_field"]
    edge = field.shape[0] / 2
    shown = np.maximum(field / field.max(), LEAST)
    image = axes.imshow(shown, norm=LogNorm(LEAST, 1), cmap="inferno", extent=(-edge, edge, edge, -edge))
    rows = numbers(table, "receptive_field_averaged", method=one.method, scale=one.scale)
    side = int(rows.sort_values("seed").value.iloc[0])
    corner = -side / 2, -side / 2
    axes.add_patch(Rectangle(corner, side, side, fill=False, edgecolor="white", linewidth=1.1, linestyle="--"))
    axes.set_title(f"{one.method}\n95 % in {side} × {side} pixels")
    axes.set(xlim=(-reach - 0.5, reach + 0.5), ylim=(reach + 0.5, -reach - 0.5))
    axes.grid(visible=False)
    axes.locator_params(nbins=5, integer=True)
    return image


def _reach(field: np.ndarray) -> int:
    """How far from the middle the gradient is visible, and a little more."""
    rows, columns = np.nonzero(field >= LEAST * field.max())
    middle = field.shape[0] // 2
    return min(int(1.15 * max(np.abs(rows - middle).max(), np.abs(columns - middle).max())) + 1, middle)
