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
from hitsr.measure.attribute.maps import centred, contribution, diffusion_index, local_attribution, side_holding
from hitsr.measure.attribute.places import around_centre, crop, places
from hitsr.progress import progress
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import hash_of, write_record

HELD = 0.95
"""Fraction of the gradient that the reported square holds."""


def run(
    model: nn.Module, identity: dict, data: Path, datasets: list[str], settings: dict, folder: Path, origin: dict
) -> None:
    """Write `folder/attribution.json` and `folder/maps.npz`.

    Args:
        model: in evaluation mode, on the device to compute on.
        identity: `method`, `scale`, `seed` of the result.
        settings: the keys of `attribution` in the configuration.
        origin: what decided the result, as `Step.origin` gives it.
    """
    watch = Stopwatch()
    device = next(model.parameters()).device
    model.requires_grad_(False)
    scale, side = identity["scale"], settings["patch"]
    found = places(data, datasets, scale, settings)
    rows, maps, fields = [], {}, []
    for number, place in enumerate(progress(found, desc=f"{identity['method']} x{scale}", unit="image")):
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
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **maps, receptive_field=average.astype(np.float32))
    write_bytes(folder / "maps.npz", buffer.getvalue())
    record = {
        "kind": "attribution",
        **identity,
        "rows": rows,
        "patch": side,
        "places": [asdict(p) for p in found],
        "maps_sha256": hash_of(buffer.getvalue()),
    }
    provenance = watch.provenance(**origin, seed=identity["seed"], device=str(device))
    write_record(folder / "attribution.json", {**record, "provenance": provenance})


def _receptive_field(model: nn.Module, image: torch.Tensor, pixels: list[tuple[int, int]], reach: int) -> np.ndarray:
    """Absolute gradient around an output pixel, averaged over `pixels`: `(2 reach + 1, 2 reach + 1)`, sum 1."""
    maps = zip(contribution(model, image, pixels), pixels, strict=True)
    field = np.mean([centred(values, pixel, reach) for values, pixel in maps], axis=0)
    return field / field.sum()


def _side(quantity: str, field: np.ndarray) -> dict:
    value = side_holding(field, HELD)
    return {"protocol": f"{100 * HELD:.0f} %", "quantity": quantity, "unit": "pixels", "value": value}
