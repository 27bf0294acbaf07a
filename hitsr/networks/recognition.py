"""Which network and scale a checkpoint of an official repository is for, told by what it fits."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from hitsr.errors import CheckpointError
from hitsr.networks.checkpoints import load, load_any, read_official
from hitsr.networks.official import identify, load_official
from hitsr.networks.registry import build, find, networks


def load_recognised(path: str | Path) -> torch.nn.Module:
    """The network that a checkpoint holds, in evaluation mode: one of ours, or official weights of published size.

    Raises:
        CheckpointError: unreadable, or of no network of this suite, saying what it seems to be.
    """
    path = Path(path)
    if path.suffix == ".safetensors":
        return load(path)
    weights = read_official(path)
    found = recognise(weights)
    if len(found) != 1:
        fits = f"fits {' and '.join(f'{name} x{scale}' for name, scale in found)}" if found else "fits no network"
        raise CheckpointError(
            f"{path}: {fits} of this suite at its published size; it seems to be {identify(weights)}. Name it with "
            "--network and --scale"
        )
    return load_any(path, *found[0], {})


def recognise(weights: Mapping[str, Tensor]) -> list[tuple[str, int]]:
    """Networks of published size, with their scale, that every name and shape of `weights` fits."""
    return [(name, scale) for name in networks() for scale in find(name).scales if _fits(name, scale, weights)]


def _fits(name: str, scale: int, weights: Mapping[str, Tensor]) -> bool:
    model = build(name, scale)
    # cheap, and rules out nearly all; official files hold masks and indices besides
    if Counter(tensor.shape for tensor in model.state_dict().values()) - Counter(w.shape for w in weights.values()):
        return False
    try:
        load_official(model, weights)
    except CheckpointError:
        return False
    return True
