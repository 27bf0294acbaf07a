"""Measure local attribution maps and effective receptive fields of one network on the test images.

attribution.json    diffusion index and receptive field of every image, and where patch and crop were
maps.npz            `attribution_0`, `attribution_1`, ... (signed) in the order of the patches, and `receptive_field`,
                    the absolute gradient averaged over images and places
"""

import io
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import nn

from hitsr.atomic import write_bytes
from hitsr.checkpoints.loading import load_any
from hitsr.configuration.steps import AttributeSettings
from hitsr.data.contents import sha256_of
from hitsr.data.layout import record_path
from hitsr.devices import choose_device
from hitsr.measure.attribute.maps import centred, contribution, diffusion_index, local_attribution, side_holding
from hitsr.measure.attribute.places import Place, around_centre, crop, low_sha256, places
from hitsr.networks.identity import identity
from hitsr.progress import progress
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import hash_of, write_record

HELD = 0.95
"""Fraction of the gradient that the reported square holds."""


def run(step: AttributeSettings, weights: Path, data: Path, folder: Path) -> None:
    """Attribute one network, and write `folder/attribution.json` and `folder/maps.npz`.

    Args:
        weights: ours, or the official repository's.
        data: folder of the prepared data sets.

    Raises:
        CheckpointError: the weights are of another network, or damaged.
        ConfigError: a patch does not fit its image.
        ResultError: an image is not the one that its data set lists.
    """
    watch = Stopwatch()
    torch.set_num_threads(step.threads)
    device = choose_device(step.device)
    used = {"file": str(weights), "sha256": sha256_of(weights)}
    model = load_any(weights, step.network.name, step.scale, step.network.options).to(device)
    lists = [record_path(data / name, step.scale) for name in step.test_sets]
    found = places(data, list(step.test_sets), step.scale, step.attribution)
    rows, maps = measure(model, data, found, step.attribution, f"{step.method} x{step.scale}")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **maps)
    write_bytes(folder / "maps.npz", buffer.getvalue())
    record = {
        "kind": "attribution",
        "method": step.method,
        "scale": step.scale,
        "seed": step.seed,
        "weights": used,
        "rows": rows,
        "patch": step.attribution["patch"],
        "places": [asdict(place) for place in found],
        "images": [
            {"dataset": place.dataset, "image": place.image, "low_sha256": low_sha256(data, place, step.scale)}
            for place in found
        ],
        "maps_sha256": hash_of(buffer.getvalue()),
        "provenance": watch.provenance(**step.origin_of(weights, *lists), seed=step.seed, device=str(device)),
    }
    write_record(folder / "attribution.json", record)


def measure(
    model: nn.Module, data: Path, found: list[Place], settings: dict, title: str = ""
) -> tuple[list[dict], dict[str, np.ndarray]]:
    """Rows of the long table, and the maps by name.

    Args:
        model: in evaluation mode, on the device to compute on; its parameters are given no gradients from now on.
        settings: the keys of `attribution` in the configuration.
    """
    device, scale = next(model.parameters()).device, identity(model).scale
    model.requires_grad_(False)
    side = settings["patch"]
    rows, maps, fields = [], {}, []
    for number, place in enumerate(progress(found, desc=title, unit="image")):
        image = crop(data, place, scale).to(device)
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
    return rows, {**maps, "receptive_field": average.astype(np.float32)}


def _receptive_field(model: nn.Module, image: torch.Tensor, pixels: list[tuple[int, int]], reach: int) -> np.ndarray:
    """Absolute gradient around an output pixel, averaged over `pixels`: `(2 reach + 1, 2 reach + 1)`, sum 1."""
    maps = zip(contribution(model, image, pixels), pixels, strict=True)
    field = np.mean([centred(values, pixel, reach) for values, pixel in maps], axis=0)
    return field / field.sum()


def _side(quantity: str, field: np.ndarray) -> dict:
    value = side_holding(field, HELD)
    return {"protocol": f"{100 * HELD:.0f} %", "quantity": quantity, "unit": "pixels", "value": value}
