"""Super-resolve the images of data sets with one method, into PNG files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from hitsr.data.contents import sha256_of
from hitsr.data.degradation import interpolate
from hitsr.data.png import write_png
from hitsr.data.prepared import open_prepared
from hitsr.progress import progress
from hitsr.restore.unfinished import Unfinished
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import write_record

Upscaler = Callable[[str, np.ndarray], np.ndarray]
"""Name of an image and uint8 `(H, W, 3)` to uint8 `(s H, s W, 3)`."""


def interpolation(kind: str, scale: int) -> Upscaler:
    """An interpolation: "nearest", "bilinear", "bicubic" or "lanczos"."""
    return lambda name, image: interpolate(image, scale, kind)


def run(
    upscaler: Upscaler,
    identity: dict,
    data: Path,
    folder: Path,
    origin: dict,
    weights: Path | None = None,
) -> None:
    """Write `folder/DATASET/NAME.png` for every image of a data set, and last `folder/DATASET.json`.

    Started again after it was killed, it takes the images that are done.

    Args:
        identity: `method`, `scale`, `seed`, `dataset` of the result.
        data: folder of the prepared data sets.
        origin: what decided the result, as `Step.origin` gives it.
        weights: file of the network, whose checksum is recorded; None for an interpolation.

    The record says under `made_before` how many images an earlier run had made, which its duration leaves out.

    Raises:
        ResultError: a low-resolution image is not the one that its data set lists.
    """
    watch = Stopwatch()
    scale, dataset = identity["scale"], identity["dataset"]
    used = {"file": str(weights), "sha256": sha256_of(weights)} if weights else None
    prepared = open_prepared(data / dataset, scale)
    unfinished = Unfinished(folder / dataset, origin)
    images, taken = [], 0
    for name in progress(prepared.names, desc=f"{identity['method']} x{scale} {dataset}", unit="image"):
        low_sha256 = prepared.sha256("LR", name)
        entry = unfinished.entry(name, low_sha256)
        if entry is None:
            sha256 = write_png(folder / dataset / f"{name}.png", upscaler(name, prepared.low(name)))
            entry = {"dataset": dataset, "image": name, "sha256": sha256, "low_sha256": low_sha256}
            unfinished.add(entry)
        else:
            taken += 1
        images.append(entry)
    provenance = watch.provenance(**origin, seed=identity["seed"])
    record = {"kind": "images", **identity, "weights": used, "images": images, "provenance": provenance}
    write_record(folder / f"{dataset}.json", {**record, "made_before": taken})
    unfinished.finish()
