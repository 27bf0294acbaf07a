"""Measure local attribution maps and effective receptive fields of one network on the test images.

attribution.json    diffusion index and receptive field of every image, and where patch and crop were
maps.npz            `attribution_0`, `attribution_1`, ... (signed) in the order of the patches, and `receptive_field`,
                    the absolute gradient averaged over images and places
"""

import io
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from hitsr.atomic import write_bytes, write_json
from hitsr.data.degradation import crop_to_multiple, upscale_bicubic
from hitsr.data.images import read_rgb
from hitsr.data.layout import hr_path, image_names, lr_path
from hitsr.data.regions import largest_window
from hitsr.errors import ConfigError
from hitsr.measure.attribution import centred, contribution, diffusion_index, local_attribution, side_holding
from hitsr.measure.quality import luma
from hitsr.progress import progress
from hitsr.results.provenance import Stopwatch

HELD = 0.95
"""Fraction of the gradient that the reported square holds."""


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


def run(
    model: nn.Module, identity: dict, data: Path, datasets: list[str], settings: dict, folder: Path, digests: dict
) -> None:
    """Write `folder/attribution.json` and `folder/maps.npz`.

    Args:
        model: in evaluation mode, on the device to compute on.
        identity: `method`, `scale`, `seed` of the result.
        settings: the keys of `attribution` in the configuration.
        digests: `config_digest` and `source_digest`.
    """
    watch = Stopwatch()
    device = next(model.parameters()).device
    model.requires_grad_(False)
    scale, side = identity["scale"], settings["patch"]
    found = places(data, datasets, scale, settings)
    rows, maps, fields = [], {}, []
    for number, place in enumerate(progress(found, desc=f"{identity['method']} x{scale}", unit="image")):
        image = _crop(data, place, scale).to(device)
        patch = place.x - scale * place.left, place.y - scale * place.top, side
        attribution, error = local_attribution(model, image, patch, sigma=settings["blur"], steps=settings["steps"])
        field = _receptive_field(
            model, image, around_centre(place, settings["positions"], number), settings["crop"] - 1
        )
        maps[f"attribution_{number}"] = attribution.astype(np.float32)
        fields.append(field)
        where = {"dataset": place.dataset, "image": place.image}
        rows += [
            {**where, "quantity": "diffusion_index", "unit": "", "value": diffusion_index(attribution)},
            {**where, "quantity": "completeness_error", "unit": "", "value": error},
            {**where, **_side("receptive_field", field)},
        ]
    average = np.mean(fields, axis=0)
    rows.append(_side("receptive_field_averaged", average))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **maps, receptive_field=average.astype(np.float32))
    write_bytes(folder / "maps.npz", buffer.getvalue())
    record = {"kind": "attribution", **identity, "rows": rows, "patch": side, "places": [asdict(p) for p in found]}
    provenance = watch.provenance(**digests, seed=identity["seed"], device=str(device))
    write_json(folder / "attribution.json", {**record, "provenance": provenance})


def places(data: Path, datasets: list[str], scale: int, settings: dict) -> list[Place]:
    """The patches to attribute: given ones, or one in each of the first images of the test sets.

    Where no corner is given the patch is the one that bicubic interpolation restores worst (squared error of Y):
    a rule that knows no network. It lies so that the crop surrounds it where the image is large enough.

    Raises:
        ConfigError: a given patch names no image of a test set, reaches beyond it, or is the second of an image.
    """
    names = {dataset: image_names(data / dataset, scale) for dataset in datasets}
    if not settings["patches"]:
        pairs = [(dataset, name) for dataset in datasets for name in names[dataset]]
        return [_place(data, scale, settings, *pair) for pair in pairs[: settings["images"]]]
    found: list[Place] = []
    for number, given in enumerate(settings["patches"]):
        where, dataset, image = f"config.attribution.patches.{number}", given["dataset"], given["image"]
        if image not in names.get(dataset, []):
            raise ConfigError(f"{where}: no image {image!r} in a test set {dataset!r}")
        if any((place.dataset, place.image) == (dataset, image) for place in found):
            raise ConfigError(f"{where}: {dataset} {image} has a patch already; give one patch per image")
        corner = (given["x"], given["y"]) if "x" in given else None
        found.append(_place(data, scale, settings, dataset, image, corner, where))
    return found


def around_centre(place: Place, count: int, seed: int) -> list[tuple[int, int]]:
    """Pixels of a crop within an eighth of its side around its centre, the same for every network.

    Networks with windows see differently far from different places of a window, so several are averaged.
    """
    offsets = np.random.default_rng(seed).uniform(-1 / 8, 1 / 8, (count, 2))
    return [(int((0.5 + dx) * place.width), int((0.5 + dy) * place.height)) for dx, dy in offsets]


def _crop(data: Path, place: Place, scale: int) -> torch.Tensor:
    """The crop of the low-resolution image, `(3, height, width)` in [0, 1]."""
    low = read_rgb(lr_path(data / place.dataset, scale, place.image))
    low = low[place.top : place.top + place.height, place.left : place.left + place.width]
    return torch.from_numpy(low.astype(np.float32) / 255).permute(2, 0, 1)


def _receptive_field(model: nn.Module, image: torch.Tensor, pixels: list[tuple[int, int]], reach: int) -> np.ndarray:
    """Absolute gradient around an output pixel, averaged over `pixels`: `(2 reach + 1, 2 reach + 1)`, sum 1."""
    maps = zip(contribution(model, image, pixels), pixels, strict=True)
    field = np.mean([centred(values, pixel, reach) for values, pixel in maps], axis=0)
    return field / field.sum()


def _place(
    data: Path, scale: int, settings: dict, dataset: str, image: str,
    given: tuple[int, int] | None = None, where: str = "",
) -> Place:  # fmt: skip
    low = read_rgb(lr_path(data / dataset, scale, image))
    high = crop_to_multiple(read_rgb(hr_path(data / dataset, image)), scale)
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


def _side(quantity: str, field: np.ndarray) -> dict:
    value = side_holding(field, HELD)
    return {"variant": f"{100 * HELD:.0f} %", "quantity": quantity, "unit": "pixels", "value": value}
