"""Which network and scale a checkpoint of an official repository is for, told by what it fits."""

from pathlib import Path

from torch import nn

from hitsr.errors import CheckpointError
from hitsr.networks.checkpoints import load, load_any, read_official
from hitsr.networks.layout import identify, read_layout
from hitsr.networks.metadata import is_ours
from hitsr.networks.official import load_official, official_names
from hitsr.networks.registry import build, find, networks
from hitsr.networks.unwrapping import unwrap


def load_recognised(path: str | Path) -> nn.Module:
    """The network that a checkpoint holds, in evaluation mode: one of ours, or official weights of published size.

    Raises:
        CheckpointError: unreadable, or of no network of this suite, saying what it seems to be.
    """
    path = Path(path)
    if not path.is_file() or is_ours(path):
        return load(path)
    try:
        content = read_official(path)
        found = recognise(content)
        seems = identify(unwrap(content).tensors)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    if len(found) != 1:
        fits = f"fits {' and '.join(f'{name} x{scale}' for name, scale in found)}" if found else "fits no network"
        raise CheckpointError(
            f"{path}: {fits} of this suite at its published size; it seems to be {seems}. Name it with --network and "
            "--scale"
        )
    return load_any(path, *found[0], {})


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
        told = read_layout(network.layout).scale(weights)
        scales = [told] if told in network.scales else network.scales
        found += [(name, scale) for scale in scales if _fits(name, scale, content)]
    return found


def _fits(name: str, scale: int, content: object) -> bool:
    model = build(name, scale)
    own, names = model.state_dict(), official_names(model)
    weights = unwrap(content, names).tensors
    # cheap, and rules out nearly all
    if any(name not in weights or weights[name].shape != own[names[name]].shape for name in names):
        return False
    try:
        load_official(model, weights)
    except CheckpointError:
        return False
    return True
