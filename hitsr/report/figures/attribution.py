"""What networks use of their input: local attribution maps with diffusion index, and effective receptive fields."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hitsr.data.images import read_rgb
from hitsr.data.prepare import lr_path
from hitsr.report.figures.style import WIDTH, box, empty, picture
from hitsr.report.measurements import numbers, record
from hitsr.sources import ROOT

SHOWN = 3
"""Images whose attribution is shown: the first ones."""
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
    """Per image: the crop with the patch, and the absolute attribution of every method over it, strongest darkest."""
    found = [measured for scale in config["scales"] for measured in _measured(table, config, scale)[:1]]
    if not found:
        return empty("no attribution was measured in this run")
    rows = [(m.scale, number) for m in found for number in range(min(SHOWN, len(m.places)))]
    by_scale = {scale: _measured(table, config, scale) for scale in config["scales"]}
    columns = 1 + max(len(methods) for methods in by_scale.values())
    side = min(WIDTH / columns, 1.9)
    figure, grid = plt.subplots(len(rows), columns, figsize=(side * columns, (side + 0.3) * len(rows)), squeeze=False)
    for axes, (scale, number) in zip(grid, rows, strict=True):
        methods = by_scale[scale]
        place = methods[0].places[number]
        crop = _crop(config, scale, place)
        axes[0].imshow(crop, interpolation="nearest")
        picture(axes[0], f"{place['image']}, ×{scale}")
        for axis, measured in zip(axes[1:], methods, strict=False):
            _overlay(axis, crop, np.abs(measured.maps[f"attribution_{number}"]))
            where = {"method": measured.method, "scale": scale, "dataset": place["dataset"], "image": place["image"]}
            index = numbers(table, "diffusion_index", **where).sort_values("seed").value.iloc[0]
            picture(axis, f"{measured.method}\ndiffusion index {index:.1f}")
        for axis in axes[: 1 + len(methods)]:
            corner = (place["x"] / scale - place["left"] - 0.5, place["y"] / scale - place["top"] - 0.5)
            box(axis, corner, methods[0].patch / scale, methods[0].patch / scale, line=0.7)
        for axis in axes[1 + len(methods) :]:
            axis.axis("off")
    return figure


def draw_fields(table: pd.DataFrame, config: dict) -> Figure:
    """Heat maps of the mean absolute gradient, log scale, with the square that holds 95 % of it."""
    by_scale = {scale: _measured(table, config, scale) for scale in config["scales"]}
    columns = max(len(methods) for methods in by_scale.values())
    if not columns:
        return empty("no receptive field was measured in this run")
    side = min(WIDTH / columns, 2.6)
    shape = (side * columns + 0.7, (side + 0.3) * len(by_scale))
    figure, grid = plt.subplots(len(by_scale), columns, figsize=shape, squeeze=False, sharex="row", sharey="row")
    for axes, (scale, methods) in zip(grid, by_scale.items(), strict=True):
        for axis, measured in zip(axes, methods, strict=False):
            image = _field(axis, measured, table)
            axis.set_xlabel("low-resolution pixels")
        reach = max((_reach(measured.maps["receptive_field"]) for measured in methods), default=1)
        axes[0].set(xlim=(-reach - 0.5, reach + 0.5), ylim=(reach + 0.5, -reach - 0.5))
        axes[0].set_ylabel(f"low-resolution pixels, ×{scale}")
    for axis in grid.flat:
        axis.set_visible(bool(axis.images))
    bar = figure.colorbar(image, ax=grid, shrink=0.8, aspect=30, pad=0.02)
    bar.set_label("gradient, relative to the largest (black: 10⁻⁴ and less)")
    bar.outline.set_visible(False)
    return figure


def _measured(table: pd.DataFrame, config: dict, scale: int) -> list[Measured]:
    found = []
    for method in config["methods"]:
        rows = numbers(table, "receptive_field_averaged", method=method, scale=scale).sort_values("seed")
        if not rows.empty:
            file = rows.file.iloc[0]
            content = record(file)
            with np.load(ROOT / Path(file).with_name("maps.npz")) as maps:
                found.append(Measured(method, scale, content["places"], content["patch"], dict(maps)))
    return found


def _field(axes: Axes, measured: Measured, table: pd.DataFrame) -> object:
    field = measured.maps["receptive_field"]
    reach = field.shape[0] // 2
    extent = (-reach - 0.5, reach + 0.5, reach + 0.5, -reach - 0.5)
    norm = LogNorm(LEAST, 1)
    image = axes.imshow(np.maximum(field / field.max(), LEAST), norm=norm, cmap="inferno", extent=extent)
    rows = numbers(table, "receptive_field_averaged", method=measured.method, scale=measured.scale)
    side = int(rows.sort_values("seed").value.iloc[0])
    frame = {"fill": False, "edgecolor": "white", "linewidth": 1.1, "linestyle": "--"}
    axes.add_patch(Rectangle((-side / 2, -side / 2), side, side, **frame))
    axes.set_title(f"{measured.method}\n95 % in {side} × {side} pixels")
    axes.grid(visible=False)
    axes.locator_params(nbins=5, integer=True)
    return image


def _reach(field: np.ndarray) -> int:
    """How far from the middle the gradient is visible, and a little more."""
    rows, columns = np.nonzero(field >= LEAST * field.max())
    middle = field.shape[0] // 2
    return min(int(1.15 * max(np.abs(rows - middle).max(), np.abs(columns - middle).max())) + 1, middle)


def _crop(config: dict, scale: int, place: dict) -> np.ndarray:
    folder = ROOT / "results" / config["run"] / "data" / place["dataset"]
    low = read_rgb(lr_path(folder, scale, place["image"]))
    return low[place["top"] : place["top"] + place["height"], place["left"] : place["left"] + place["width"]]


def _overlay(axes: Axes, crop: np.ndarray, attribution: np.ndarray) -> None:
    grey = crop.mean(axis=2)
    axes.imshow(grey * 0.5 + 127, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    strength = np.sqrt(attribution / attribution.max())
    axes.imshow(np.ones_like(strength), cmap="Reds", vmin=0, vmax=1, alpha=strength, interpolation="nearest")
