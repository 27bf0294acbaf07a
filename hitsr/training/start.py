"""Where a training starts: random weights, or those of the same network at another scale."""

import json
from pathlib import Path

from torch import nn

from hitsr.checkpoints.loading import load
from hitsr.errors import CheckpointError
from hitsr.networks.identity import identity

NOT_SIZE = ("formulation", "drop_path")
"""Options that have no weights."""


def transfer(model: nn.Module, path: Path) -> None:
    """Start from the weights of the same network at another scale; what depends on the scale keeps its start.

    That is the upsampler, whose tensors have other shapes; BasicSR's `strict_load_g: false` leaves them out too.

    Raises:
        CheckpointError: the file holds another network, or one of other options.
    """
    source = load(path)
    held, made = identity(source), identity(model)
    if held.name != made.name or _plain(held.options) != _plain(made.options):
        raise CheckpointError(f"{path}: holds {held.name} x{held.scale}, which {made.name} cannot start from")
    own = model.state_dict()
    fits = {name for name, tensor in source.state_dict().items() if name in own and own[name].shape == tensor.shape}
    taken = {name: tensor for name, tensor in source.state_dict().items() if name in fits}
    model.load_state_dict({**own, **taken})


def _plain(options: dict[str, object]) -> object:
    """Options that decide the weights, as JSON gives them back."""
    return json.loads(json.dumps({key: value for key, value in options.items() if key not in NOT_SIZE}))
