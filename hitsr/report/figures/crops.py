"""Visual comparison: crops of the test images by every method, with PSNR under each."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle

from hitsr.data.degradation import crop_to_multiple
from hitsr.data.images import read_rgb
from hitsr.errors import ConfigError
from hitsr.report.figures.style import WIDTH, empty
from hitsr.report.measurements import numbers
from hitsr.sources import ROOT

BOX = "#D55E00"


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """Per configured crop: the whole image with a box, then the crop of the original and of every method.

    Raises:
        ConfigError: a crop reaches beyond its image, or names an image that was not scored.
    """
    crops = config["report"]["crops"]
    if not crops:
        return empty("no crops are configured (report.crops)")
    scale = config["report"]["crop_scale"] or config["scales"][0]
    methods = [m for m in config["methods"] if not numbers(table, "psnr", method=m, scale=scale).empty]
    columns = 4
    rows = -(-(len(methods) + 1) // columns)
    aspect = max(crop["height"] / crop["width"] for crop in crops)
    row_height = (WIDTH * 0.68 / columns) * aspect + 0.34
    figure = plt.figure(figsize=(WIDTH, rows * row_height * len(crops)), layout="constrained")
    blocks = np.atleast_1d(figure.subfigures(len(crops), 1, hspace=0.03))
    for number, (block, crop) in enumerate(zip(blocks, crops, strict=True)):
        _block(block, crop, f"config.report.crops.{number}", table, config, methods, scale, (rows, columns))
    return figure


def _block(
    block: SubFigure, crop: dict, where: str, table: pd.DataFrame, config: dict, methods: list[str], scale: int,
    shape: tuple[int, int],
) -> None:  # fmt: skip
    rows, columns = shape
    folder = ROOT / "results" / config["run"]
    path = folder / "data" / crop["dataset"] / "HR" / f"{crop['image']}.png"
    if not path.is_file():
        raise ConfigError(f"{where}.image: {crop['dataset']} has no image {crop['image']!r}")
    whole = crop_to_multiple(read_rgb(path), scale)
    if crop["x"] + crop["width"] > whole.shape[1] or crop["y"] + crop["height"] > whole.shape[0]:
        raise ConfigError(f"{where}: reaches beyond the image of {whole.shape[1]}x{whole.shape[0]} pixels")
    axes = block.subplots(rows, columns + 2, gridspec_kw={"wspace": 0.02, "hspace": 0.02})
    axes = np.atleast_2d(axes)
    grid = axes[0, 0].get_gridspec()
    for axis in axes[:, :2].flat:
        axis.remove()
    overview = block.add_subplot(grid[:, :2])
    _show(overview, whole, f"{crop['image']} ({crop['dataset']}), ×{scale}")
    box = (crop["x"], crop["y"]), crop["width"], crop["height"]
    overview.add_patch(Rectangle(*box, fill=False, edgecolor=BOX, linewidth=1.5))
    scores = _scores(table, methods, scale, crop)
    best = max(f"{value:.2f}" for value in scores.values())
    panels = list(axes[:, 2:].flat)
    _show(panels[0], _cut(whole, crop), "HR")
    for axis, method in zip(panels[1:], methods, strict=False):
        seed = int(numbers(table, "psnr", method=method, scale=scale).seed.min())
        image = folder / "images" / method / f"x{scale}" / f"seed{seed}" / crop["dataset"] / f"{crop['image']}.png"
        shown = f"{scores[method]:.2f}"
        _show(axis, _cut(read_rgb(image), crop), f"{method}\n{shown} dB", bold=shown == best)
    for axis in panels[len(methods) + 1 :]:
        axis.axis("off")


def _scores(table: pd.DataFrame, methods: list[str], scale: int, crop: dict) -> dict[str, float]:
    """PSNR of the whole image, Y, of the seed that is shown (the first)."""
    scores = {}
    for method in methods:
        where = {"dataset": crop["dataset"], "image": crop["image"], "variant": "paper"}
        found = numbers(table, "psnr", method=method, scale=scale, **where)
        scores[method] = float(found.sort_values("seed").value.iloc[0])
    return scores


def _cut(image: np.ndarray, crop: dict) -> np.ndarray:
    return image[crop["y"] : crop["y"] + crop["height"], crop["x"] : crop["x"] + crop["width"]]


def _show(axes: Axes, image: np.ndarray, title: str, bold: bool = False) -> None:
    axes.imshow(image, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(title, fontsize=7.5, fontweight="bold" if bold else "normal", labelpad=2)
