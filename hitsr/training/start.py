"""Where a training starts: random weights, or those of the same network at another scale."""

from pathlib import Path

from torch import nn

from hitsr.errors import CheckpointError
from hitsr.networks.checkpoints import load


def transfer(model: nn.Module, path: Path) -> None:
    """Start from the weights of the same network at another scale, the upsampler excepted.

    Raises:
        CheckpointError: the file holds another network, or tensors of other shapes.
    """
    source = load(path)
    own = model.state_dict()
    weights = {name: tensor for name, tensor in source.state_dict().items() if not name.startswith("upsample.")}
    wrong = [name for name, tensor in weights.items() if name not in own or own[name].shape != tensor.shape]
    if source.name != model.name or wrong:
        raise CheckpointError(f"{path}: holds {source.name} x{source.scale}, which {model.name} cannot start from")
    model.load_state_dict({**own, **weights})
