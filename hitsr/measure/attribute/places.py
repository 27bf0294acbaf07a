"""Which patches of the test images are attributed: given ones, or those that interpolation restores worst."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from hitsr.data.degradation import crop_to_multiple, upscale_bicubic
from hitsr.data.prepared import Prepared, open_prepared
from hitsr.data.regions import largest_window
from hitsr.errors import ConfigError
from hitsr.measure.quality import luma


@dataclass(frozen=True)
class Place:
    """A patch of the output and the crop of the input that the network is given.

    Attributes:
        x, y: upper left corner of the patch in the high-resolution image.
        left, top, width, height: of the crop, in pixels of the low-resolution image.
    """

    dataset: str
    image: str
    x: int
    y: int
    left: int
    top: int
    width: int
    height: int


def places(data: Path, datasets: list[str], scale: int, settings: dict) -> list[Place]:
    """The patches to attribute: given ones, or one in each of the first images of the test sets.

    Where no corner is given the patch is the one that bicubic interpolation restores worst (squared error of Y):
    a rule that knows no network. It lies so that the crop surrounds it where the image is large enough.

    Raises:
        ConfigError: a given patch names no image of a test set, reaches beyond it, or is the second of an image.
    """
    sets = {dataset: open_prepared(data / dataset, scale) for dataset in datasets}
    if not settings["patches"]:
        pairs = [(dataset, name) for dataset in datasets for name in sets[dataset].names]
        return [_place(sets[dataset], settings, dataset, name) for dataset, name in pairs[: settings["images"]]]
    found: list[Place] = []
    for number, given in enumerate(settings["patches"]):
        where, dataset, image = f"config.attribution.patches.{number}", given["dataset"], given["image"]
        if dataset not in sets or image not in sets[dataset].names:
            raise ConfigError(f"{where}: no image {image!r} in a test set {dataset!r}")
        if any((place.dataset, place.image) == (dataset, image) for place in found):
            raise ConfigError(f"{where}: {dataset} {image} has a patch already; give one patch per image")
        corner = (given["x"], given["y"]) if "x" in given else None
        found.append(_place(sets[dataset], settings, dataset, image, corner, where))
    return found


def around_centre(place: Place, count: int, seed: int) -> list[tuple[int, int]]:
    """Pixels of a crop within an eighth of its side around its centre, the same for every network.

    Networks with windows see differently far from different places of a window, so several are averaged.
    """
    offsets = np.random.default_rng(seed).uniform(-1 / 8, 1 / 8, (count, 2))
    return [(int((0.5 + dx) * place.width), int((0.5 + dy) * place.height)) for dx, dy in offsets]


def crop(data: Path, place: Place, scale: int) -> torch.Tensor:
    """The crop of the low-resolution image, `(3, height, width)` in [0, 1]."""
    low = open_prepared(data / place.dataset, scale).low(place.image)
    low = low[place.top : place.top + place.height, place.left : place.left + place.width]
    return torch.from_numpy(low.astype(np.float32) / 255).permute(2, 0, 1)


def low_sha256(data: Path, place: Place, scale: int) -> str:
    """Of the file of the low-resolution image, as its data set lists it and `crop` requires it."""
    return open_prepared(data / place.dataset, scale).sha256("LR", place.image)


def _place(
    data: Prepared, settings: dict, dataset: str, image: str,
    given: tuple[int, int] | None = None, where: str = "",
) -> Place:  # fmt: skip
    scale, low = data.scale, data.low(image)
    high = crop_to_multiple(data.high(image), scale)
    side, sizes = settings["patch"], (low.shape[1], low.shape[0])
    x, y = _hardest(low, high, scale, settings) if given is None else given
    # a gradient needs one more pixel to the right and below
    if x + side >= high.shape[1] or y + side >= high.shape[0]:
        raise ConfigError(f"{where or image}: a patch of {side} pixels at {x}, {y} does not fit into {dataset} {image}")
    crops = [min(settings["crop"], size) for size in sizes]
    corner = [
        min(max((2 * start + side) // (2 * scale) - crop // 2, 0), size - crop)
        for start, crop, size in zip((x, y), crops, sizes, strict=True)
    ]
    return Place(dataset, image, x, y, *corner, *crops)


def _hardest(low: np.ndarray, high: np.ndarray, scale: int, settings: dict) -> tuple[int, int]:
    """Upper left corner of the patch that bicubic interpolation restores worst."""
    error = (luma(upscale_bicubic(low, scale)) - luma(high)) ** 2
    side, half = settings["patch"], scale * settings["crop"] // 2
    margins = [min(max(half - side // 2, 0), max((size - side - 1) // 2, 0)) for size in error.shape]
    top, left = margins
    inner = error[top : error.shape[0] - max(top, 1), left : error.shape[1] - max(left, 1)]
    if min(inner.shape) < side:
        raise ConfigError(
            f"attribution.patch: {side} pixels do not fit into an image of {high.shape[1]}x{high.shape[0]}"
        )
    x, y, _ = largest_window(inner, side, side)
    return left + x, top + y
