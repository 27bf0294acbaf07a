"""Where a training starts: random weights, or those of the same network at another scale."""

from pathlib import Path

from torch import nn

from hitsr.errors import CheckpointError
from hitsr.networks.checkpoints import load
from hitsr.networks.identity import identity


def transfer(model: nn.Module, path: Path) -> None:
    """Start from the weights of the same network at another scale, the upsampler excepted.

    Raises:
        CheckpointError: the file holds another network, or tensors of other shapes.
    """
    source = load(path)
    own = model.state_dict()
    weights = {name: tensor for name, tensor in source.state_dict().items() if not name.startswith("upsample.")}
    wrong = [name for name, tensor in weights.items() if name not in own or own[name].shape != tensor.shape]
    held, made = identity(source), identity(model)
    if held.name != made.name or wrong:
        raise CheckpointError(f"{path}: holds {held.name} x{held.scale}, which {made.name} cannot start from")
    model.load_state_dict({**own, **weights})
