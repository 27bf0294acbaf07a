"""Local attribution maps over the crops, with the diffusion index of each."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.analysis.maps import Measured, measured
from hitsr.analysis.measurements import numbers
from hitsr.data.prepared import open_prepared
from hitsr.report import contents
from hitsr.report.drawing.style import WIDTH, box, empty, picture
from hitsr.results.layout import Layout

FIGURE = contents.Figure(
    name="attribution",
    title="Local attribution maps",
    about="Which pixels of the low-resolution crop a patch of the output (box) owes its detail to (Gu and Dong,"
    " CVPR 2021): red on a log scale, from 1/1000 of the largest attribution of the map (none) to the "
    "largest (dark). A larger diffusion index says that more pixels matter.",
    needs=("attribution",),
    paper="local attribution maps",
    cites=("gu2021lam",),
    photographic=True,
)

SHOWN = 3
"""Images whose attribution is shown: the first ones."""
FAINTEST = 1e-3
"""Attributions below this part of the largest one leave no colour."""


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """Per image: the crop with the patch, and the absolute attribution of every method over it, log scale."""
    by_scale = {scale: measured(table, config, scale) for scale in config["scales"]}
    rows = [
        (maps, maps[0].places[number], number)
        for maps in by_scale.values()
        for number in range(min(SHOWN, len(maps[0].places) if maps else 0))
    ]
    if not rows:
        return empty("None of the methods was attributed at these scales.")
    columns = 1 + max(len(maps) for maps in by_scale.values())
    side = min(WIDTH / columns, 1.9)
    heights = [side * place["height"] / place["width"] + 0.4 for _, place, _ in rows]
    size = (side * columns, sum(heights))
    figure, grid = plt.subplots(len(rows), columns, figsize=size, squeeze=False, height_ratios=heights)
    for axes, (maps, place, number) in zip(grid, rows, strict=True):
        _row(axes, table, config, maps, place, number)
    return figure


def _row(
    axes: np.ndarray, table: pd.DataFrame, config: dict, methods: list[Measured], place: dict, number: int
) -> None:
    scale = methods[0].scale
    crop = _crop(config, scale, place)
    axes[0].imshow(crop, interpolation="nearest")
    corner = (place["x"] / scale - place["left"] - 0.5, place["y"] / scale - place["top"] - 0.5)
    box(axes[0], corner, methods[0].patch / scale, methods[0].patch / scale, line=0.8)
    picture(axes[0], f"{place['image']}, ×{scale}\n")
    for axis, one in zip(axes[1:], methods, strict=False):
        _overlay(axis, crop, np.abs(one.maps[f"attribution_{number}"]))
        where = {"method": one.method, "scale": scale, "dataset": place["dataset"], "image": place["image"]}
        index = numbers(table, "diffusion_index", **where).sort_values("seed").value.iloc[0]
        picture(axis, f"{one.method}\ndiffusion index {index:.1f}", size=7.5 if len(axes) <= 6 else 6)
    for axis in axes[1 + len(methods) :]:
        axis.axis("off")


def _crop(config: dict, scale: int, place: dict) -> np.ndarray:
    folder = Layout(config["run"]).dataset(place["dataset"])
    low = open_prepared(folder, scale).low(place["image"])
    return low[place["top"] : place["top"] + place["height"], place["left"] : place["left"] + place["width"]]


def _overlay(axes: Axes, crop: np.ndarray, attribution: np.ndarray) -> None:
    """Red over the grey crop: none at `FAINTEST` of the largest attribution, full at the largest."""
    axes.imshow(crop.mean(axis=2) * 0.4 + 153, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    relative = attribution.astype(float) / (attribution.max() or 1)
    strength = np.clip(1 - np.log10(np.maximum(relative, FAINTEST)) / np.log10(FAINTEST), 0, 1)
    axes.imshow(strength, cmap="Reds", vmin=-0.3, vmax=1, alpha=strength, interpolation="nearest")
