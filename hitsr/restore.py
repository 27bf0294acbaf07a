"""Super-resolve the images of data sets with one method, into PNG files."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hitsr.atomic import write_json
from hitsr.data.degradation import upscale_bicubic
from hitsr.data.images import read_rgb, write_png
from hitsr.data.prepare import image_names, lr_path
from hitsr.progress import progress
from hitsr.provenance import Stopwatch

Upscaler = Callable[[np.ndarray], np.ndarray]
"""uint8 `(H, W, 3)` to uint8 `(s H, s W, 3)`."""


def bicubic(scale: int) -> Upscaler:
    """The interpolation that every table has as its first row."""
    return lambda image: upscale_bicubic(image, scale)


def network(weights: Path, name: str, scale: int, options: dict, settings: dict) -> Upscaler:
    """A network with its weights (ours or the official repository's).

    Args:
        settings: the keys of `restore` in the configuration.

    Raises:
        CheckpointError: the file holds another network, scale or shape.
    """
    import torch

    from hitsr.checkpoints import load_any
    from hitsr.devices import choose_device
    from hitsr.inference import upscale

    torch.set_num_threads(settings["threads"])
    model = load_any(weights, name, scale, options).to(choose_device("auto"))
    how = {key: settings[key] for key in ("precision", "max_memory", "tile")}
    return lambda image: upscale(model, image, **how)


def run(
    upscaler: Upscaler, identity: dict, data: Path, datasets: list[str], folder: Path, digests: dict[str, str]
) -> None:
    """Write `folder/DATASET/NAME.png` for every image of `datasets`, and last `folder/images.json`.

    Args:
        identity: `method`, `scale`, `seed` of the result.
        data: folder of the prepared data sets.
        digests: `config_digest` and `source_digest`.
    """
    watch = Stopwatch()
    scale = identity["scale"]
    work = [(dataset, name) for dataset in datasets for name in image_names(data / dataset, scale)]
    images = []
    for dataset, name in progress(work, desc=f"{identity['method']} x{scale}", unit="image"):
        result = upscaler(read_rgb(lr_path(data / dataset, scale, name)))
        path = folder / dataset / f"{name}.png"
        write_png(path, result)
        images.append({"dataset": dataset, "image": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    provenance = watch.provenance(**digests, seed=identity["seed"])
    write_json(folder / "images.json", {"kind": "images", **identity, "images": images, "provenance": provenance})
