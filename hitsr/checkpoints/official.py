"""The checkpoints of the official repositories, both ways.

Ours and theirs hold the same tensors in the same order under other names (see `layout`); theirs also store the masks
and indices of window attention, which are accepted when read and made again when written.
"""

from collections.abc import Mapping

from torch import Tensor, nn

from hitsr.checkpoints.layout import Layout, identify, read_layout
from hitsr.checkpoints.soundness import unsound
from hitsr.checkpoints.stored import block_of, stored_buffers
from hitsr.checkpoints.unwrapping import unwrap
from hitsr.errors import CheckpointError
from hitsr.networks.identity import identity


def to_official(model: nn.Module) -> dict[str, Tensor]:
    """The weights of `model` under the official names, in the official order, stored masks and indices included."""
    layout = layout_of(model)
    buffers = dict(stored_buffers(model, layout))
    official: dict[str, Tensor] = {}
    for own, tensor in model.state_dict().items():
        name = layout.official(own)
        # in official files a mask opens its block, and an index follows its bias table
        mask = f"{block_of(name)}attn_mask"
        if mask in buffers:
            official[mask] = buffers.pop(mask)
        official[name] = tensor.detach().clone()
        for index in ("relative_position_index", "aligned_relative_position_index"):
            following = name.replace("relative_position_bias_table", index)
            if following != name and following in buffers:
                official[following] = buffers.pop(following)
    return official


def load_official(model: nn.Module, state_dict: Mapping[str, object]) -> nn.Module:
    """Load an official checkpoint into `model`, strictly: every weight present, none left over.

    Args:
        model: a network made by `hitsr.build`.
        state_dict: tensors by name, bare or wrapped as `unwrapping.unwrap` says.

    Returns:
        `model`.

    Raises:
        CheckpointError: another network, scale, shape or an unknown layout, saying what the file seems to be; or
            weights that are not floats or not finite.
    """
    names = official_names(model)
    weights = unwrap(state_dict, names).tensors
    wrong = misfit(model, weights)
    if wrong:
        made = identity(model)
        raise CheckpointError(
            f"this checkpoint does not fit {made.name} x{made.scale}: it seems to be {identify(weights)}{wrong}"
        )
    own = model.state_dict()
    fault = unsound(weights, {name: own[mine] for name, mine in names.items()})
    if fault is not None:
        raise CheckpointError(f"{fault}; weights like these give no image")
    model.load_state_dict({mine: weights[name] for name, mine in names.items()})
    return model


def misfit(model: nn.Module, weights: Mapping[str, Tensor]) -> str:
    """What names and shapes of official weights do not fit `model`, in words; empty if all do."""
    own, names = model.state_dict(), official_names(model)
    stored = {name: buffer.shape for name, buffer in stored_buffers(model, layout_of(model))}
    expected = {name: own[mine].shape for name, mine in names.items()}
    # a mask is stored for a map of any size
    sized = {**expected, **{name: shape for name, shape in stored.items() if not name.endswith("attn_mask")}}
    shaped = [
        f"{name} {tuple(weights[name].shape)} instead of {tuple(shape)}"
        for name, shape in sized.items()
        if name in weights and weights[name].shape != shape
    ]
    return (
        _list("missing", [name for name in names if name not in weights])
        + _list("unknown", [name for name in weights if name not in names and name not in stored])
        + _list("of another shape", shaped)
    )


def official_names(model: nn.Module) -> dict[str, str]:
    """Our name of each tensor of `model` by its official one."""
    layout = layout_of(model)
    return {layout.official(own): own for own in model.state_dict()}


def layout_of(model: nn.Module) -> Layout:
    """The layout of the official checkpoints of a network made by `hitsr.build`."""
    return read_layout(identity(model).layout)


def _list(title: str, names: list[str], shown: int = 3) -> str:
    if not names:
        return ""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"; {title}: {', '.join(names[:shown])}{more}"
