"""Networks as what super-resolves the images of a data set."""

from pathlib import Path

import torch

from hitsr.checkpoints.loading import load_any
from hitsr.devices import choose_device
from hitsr.restore.inference import upscale
from hitsr.restore.run import Upscaler


def network(weights: Path, name: str, scale: int, options: dict, settings: dict) -> Upscaler:
    """A network with its weights (ours or the official repository's).

    Args:
        settings: the keys of `restore` in the configuration.

    Raises:
        CheckpointError: the file holds another network, scale or shape.
    """
    torch.set_num_threads(settings["threads"])
    model = load_any(weights, name, scale, options).to(choose_device(settings["device"]))
    how = {key: settings[key] for key in ("precision", "max_memory", "tile", "self_ensemble")}
    return lambda name, image: upscale(model, image, **how)
