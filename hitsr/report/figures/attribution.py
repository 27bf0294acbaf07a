"""What networks use of their input: local attribution maps with diffusion index, and effective receptive fields."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from hitsr.analysis.measurements import numbers, record
from hitsr.data.prepared import open_prepared
from hitsr.report.figures.style import WIDTH, box, empty, picture
from hitsr.results.layout import Layout

COLUMNS = 4
SHOWN = 3
"""Images whose attribution is shown: the first ones."""
FAINTEST = 1e-3
"""Attributions below this part of the largest one leave no colour."""
LEAST = 1e-4
"""Gradients below this part of the largest one are shown as if they were it."""


@dataclass(frozen=True)
class Measured:
    """The maps of one method at one scale, of the first seed."""

    method: str
    scale: int
    places: list[dict]
    patch: int
    maps: dict[str, np.ndarray]


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """Per image: the crop with the patch, and the absolute attribution of every method over it, log scale."""
    by_scale = {scale: _measured(table, config, scale) for scale in config["scales"]}
    rows = [
        (measured, measured[0].places[number], number)
        for measured in by_scale.values()
        for number in range(min(SHOWN, len(measured[0].places) if measured else 0))
    ]
    if not rows:
        return empty("no attribution was measured in this run; add attribution to report.figures")
    columns = 1 + max(len(measured) for measured in by_scale.values())
    side = min(WIDTH / columns, 1.9)
    heights = [side * place["height"] / place["width"] + 0.4 for _, place, _ in rows]
    size = (side * columns, sum(heights))
    figure, grid = plt.subplots(len(rows), columns, figsize=size, squeeze=False, height_ratios=heights)
    for axes, (measured, place, number) in zip(grid, rows, strict=True):
        _row(axes, table, config, measured, place, number)
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
    for axis, measured in zip(axes[1:], methods, strict=False):
        _overlay(axis, crop, np.abs(measured.maps[f"attribution_{number}"]))
        where = {"method": measured.method, "scale": scale, "dataset": place["dataset"], "image": place["image"]}
        index = numbers(table, "diffusion_index", **where).sort_values("seed").value.iloc[0]
        picture(axis, f"{measured.method}\ndiffusion index {index:.1f}", size=7.5 if len(axes) <= 6 else 6)
    for axis in axes[1 + len(methods) :]:
        axis.axis("off")


def draw_fields(table: pd.DataFrame, config: dict) -> Figure:
    """Heat maps of the mean absolute gradient, log scale, with the square that holds 95 % of it."""
    by_scale = {scale: _measured(table, config, scale) for scale in config["scales"]}
    most = max(len(methods) for methods in by_scale.values())
    if not most:
        return empty("no receptive field was measured in this run; add receptive_field to report.figures")
    columns = min(most, COLUMNS)
    rows = math.ceil(most / columns)
    side = min(WIDTH / columns, 2.6)
    size = (side * columns + 0.7, (side + 0.4) * rows * len(by_scale))
    figure, grid = plt.subplots(rows * len(by_scale), columns, figsize=size, squeeze=False)
    for block, (scale, methods) in enumerate(by_scale.items()):
        panels = list(grid[block * rows : (block + 1) * rows].flat)
        reach = max((_reach(measured.maps["receptive_field"]) for measured in methods), default=1)
        for axes, measured in zip(panels, methods, strict=False):
            image = _field(axes, measured, table, reach)
            axes.set_xlabel(f"low-resolution pixels, ×{scale}")
        for axes in panels[len(methods) :]:
            axes.axis("off")
    bar = figure.colorbar(image, ax=grid, shrink=0.8, aspect=30, pad=0.02)
    bar.set_label("gradient relative to the largest")
    bar.outline.set_visible(False)
    return figure


def _measured(table: pd.DataFrame, config: dict, scale: int) -> list[Measured]:
    found = []
    for method in config["methods"]:
        rows = numbers(table, "receptive_field_averaged", method=method, scale=scale).sort_values("seed")
        if not rows.empty:
            file = rows.file.iloc[0]
            content = record(file)
            with np.load(Path(file).with_name("maps.npz")) as maps:
                found.append(Measured(method, scale, content["places"], content["patch"], dict(maps)))
    return found


def _field(axes: Axes, measured: Measured, table: pd.DataFrame, reach: int) -> AxesImage:
    field = measured.maps["receptive_field"]
    edge = field.shape[0] / 2
    shown = np.maximum(field / field.max(), LEAST)
    image = axes.imshow(shown, norm=LogNorm(LEAST, 1), cmap="inferno", extent=(-edge, edge, edge, -edge))
    rows = numbers(table, "receptive_field_averaged", method=measured.method, scale=measured.scale)
    side = int(rows.sort_values("seed").value.iloc[0])
    frame = {"fill": False, "edgecolor": "white", "linewidth": 1.1, "linestyle": "--"}
    axes.add_patch(Rectangle((-side / 2, -side / 2), side, side, **frame))
    axes.set_title(f"{measured.method}\n95 % in {side} × {side} pixels")
    axes.set(xlim=(-reach - 0.5, reach + 0.5), ylim=(reach + 0.5, -reach - 0.5))
    axes.grid(visible=False)
    axes.locator_params(nbins=5, integer=True)
    return image


def _reach(field: np.ndarray) -> int:
    """How far from the middle the gradient is visible, and a little more."""
    rows, columns = np.nonzero(field >= LEAST * field.max())
    middle = field.shape[0] // 2
    return min(int(1.15 * max(np.abs(rows - middle).max(), np.abs(columns - middle).max())) + 1, middle)


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
