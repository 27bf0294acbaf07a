"""Which network and scale a checkpoint of an official repository is for, told by what it fits."""

import torch

from hitsr.checkpoints.layout import read_layout
from hitsr.checkpoints.official import misfit, official_names
from hitsr.checkpoints.unwrapping import unwrap
from hitsr.errors import CheckpointError
from hitsr.networks.registry import build, find, networks


def recognise(content: object) -> list[tuple[str, int]]:
    """Networks of published size, with their scale, that every name and shape of an official file fits.

    Args:
        content: what the file holds.

    Raises:
        CheckpointError: no tensors by name, or several sets of them.
    """
    weights = unwrap(content).tensors
    found = []
    for name in networks():
        network = find(name)
        layout = read_layout(network.layout)
        # cheap, and rules out nearly all
        if layout.shows(name, weights):
            told = layout.scale(weights)
            scales = [told] if told in network.scales else network.scales
            found += [(name, scale) for scale in scales if _fits(name, scale, content)]
    return found


def _fits(name: str, scale: int, content: object) -> bool:
    # names and shapes are enough, so no weights are made
    with torch.device("meta"):
        model = build(name, scale, implementation="reference")
    try:
        return not misfit(model, unwrap(content, official_names(model)).tensors)
    except CheckpointError:
        return False
