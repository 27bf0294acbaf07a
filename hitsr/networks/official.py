"""The checkpoints of the official repositories, both ways: one rename table per layout.

Ours and theirs hold the same tensors in the same order under other names; theirs also store the masks and
indices of window attention, which are accepted when read and made again when written.
"""

import re
from collections.abc import Iterator, Mapping

from torch import Tensor, nn

from hitsr.errors import CheckpointError
from hitsr.networks.blocks.attention import PermutedAttention, ShiftedWindows, permuted_index
from hitsr.networks.blocks.ngram import NGRAM, NGramAttention
from hitsr.networks.blocks.windows import relative_index, shift_mask
from hitsr.networks.soundness import unsound

MASK_SIZE = 64
"""Side of the map whose shift mask official files store."""

_CONTEXT = [
    (r"\.context\.unigram\.", ".ngram_window_partition.ngram_context.unigram_embed."),
    (
        r"\.context\.attention\.bias_table",
        ".ngram_window_partition.ngram_context.ngram_attn.relative_position_bias_table",
    ),
    (r"\.context\.attention\.project\.", ".ngram_window_partition.ngram_context.ngram_attn.proj."),
    (r"\.context\.attention\.", ".ngram_window_partition.ngram_context.ngram_attn."),
    (r"\.context\.merge\.", ".ngram_window_partition.ngram_context.merge."),
]
_SHELL = [
    (r"^shallow\.", "conv_first."),
    (r"^embed_norm\.", "patch_embed.norm."),
    (r"^conv\.", "conv_after_body."),
    (r"^upsample\.conv\.", "upsample.0."),
    (r"^groups\.(\d+)\.conv\.", r"layers.\1.conv."),
    (r"^groups\.(\d+)\.layers\.(\d+)\.", r"layers.\1.residual_group.blocks.\2."),
    (r"\.mixer_norm\.", ".norm1."),
    (r"\.feedforward_norm\.", ".norm2."),
    (r"\.feedforward\.expand\.", ".mlp.fc1."),
    (r"\.feedforward\.depthwise\.", ".mlp.dwconv.depthwise_conv.0."),
    (r"\.feedforward\.reduce\.", ".mlp.fc2."),
]
_HIT = [
    *_SHELL,
    (r"\.mixer\.features\.spatial\.", ".correlation.qv.conv."),
    (r"\.mixer\.features\.channel\.", ".correlation.qv.linear."),
    (r"\.mixer\.project\.", ".correlation.proj."),
    (r"\.mixer\.pool\.", ".correlation.spatial_linear."),
    (r"\.mixer\.position\.embed\.", ".correlation.pos.pos_proj."),
    (r"\.mixer\.position\.blocks\.0\.", ".correlation.pos.pos1."),
    (r"\.mixer\.position\.blocks\.1\.", ".correlation.pos.pos2."),
    (r"\.mixer\.position\.blocks\.2\.", ".correlation.pos.pos3."),
    (r"\.mixer\.context\.", ".correlation.context."),
    *_CONTEXT,
]
_SWIN = [
    *_SHELL,
    (r"\.mixer\.context\.", ".context."),
    *_CONTEXT,
    (r"\.mixer\.attention\.", ".mixer."),
    (r"\.mixer\.bias_table", ".attn.relative_position_bias_table"),
    (r"\.mixer\.project\.", ".attn.proj."),
    (r"\.mixer\.", ".attn."),
]
_ELAN = [
    (r"^head\.", "head.0."),
    (r"^upsample\.conv\.", "tail.0."),
    (r"^body\.(\d+)\.local\.(\d)\.(\d)\.taps", r"body.\1.modules_lfe.lfe_\2.conv#\3.shift_conv.weight"),
    (r"^body\.(\d+)\.local\.(\d)\.(\d)\.conv\.", r"body.\1.modules_lfe.lfe_\2.conv#\3.shift_conv.conv1x1."),
    (r"conv#0", "conv0"),
    (r"conv#2", "conv1"),
    (r"^body\.(\d+)\.attention\.(\d)\.project_in\.", r"body.\1.modules_gmsa.gmsa_\2.project_inp.0."),
    (r"^body\.(\d+)\.attention\.(\d)\.batch_norm\.", r"body.\1.modules_gmsa.gmsa_\2.project_inp.1."),
    (r"^body\.(\d+)\.attention\.(\d)\.project_out\.", r"body.\1.modules_gmsa.gmsa_\2.project_out."),
]
LAYOUTS = {
    "SwinIR-Light": _SWIN,
    "ELAN-Light": _ELAN,
    "SwinIR-NG": _SWIN,
    "SRFormer-Light": _SWIN,
    "HiT-SIR": _HIT,
    "HiT-SNG": _HIT,
    "HiT-SRF": _HIT,
}


def to_official(model: nn.Module) -> dict[str, Tensor]:
    """The weights of `model` under the official names, in the official order, stored masks and indices included."""
    buffers = dict(_stored_buffers(model))
    official: dict[str, Tensor] = {}
    for own, tensor in model.state_dict().items():
        name = _official_name(model.name, own)
        # in official files a mask opens its block, and an index follows its bias table
        block = re.match(r"(.*\.blocks\.\d+\.)", name)
        if block and (mask := f"{block[1]}attn_mask") in buffers:
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
        state_dict: tensors by name, bare or under `params_ema` (preferred) or `params`, with or without a
            leading `module.`.

    Returns:
        `model`.

    Raises:
        CheckpointError: another network, scale, shape or an unknown layout, saying what the file seems to be; or
            weights that are not finite.
    """
    weights = unwrap(state_dict)
    names = {_official_name(model.name, own): own for own in model.state_dict()}
    stored = {name: buffer.shape for name, buffer in _stored_buffers(model)}
    own_state = model.state_dict()
    missing = [name for name in names if name not in weights]
    unknown = [name for name in weights if name not in names and name not in stored]
    shaped = [
        f"{name} {tuple(weights[name].shape)} instead of {tuple(own_state[own].shape)}"
        for name, own in names.items()
        if name in weights and weights[name].shape != own_state[own].shape
    ] + [
        f"{name} {tuple(weights[name].shape)} instead of {tuple(shape)}"
        for name, shape in stored.items()
        if name in weights and not name.endswith("attn_mask") and weights[name].shape != shape
    ]
    if missing or unknown or shaped:
        raise CheckpointError(
            f"this checkpoint does not fit {model.name} x{model.scale}: it seems to be {identify(weights)}"
            + _list("missing", missing)
            + _list("unknown", unknown)
            + _list("of another shape", shaped)
        )
    wrong = unsound(weights, {name: own_state[own] for name, own in names.items()})
    if wrong is not None:
        raise CheckpointError(f"{wrong}; weights like these give no image")
    model.load_state_dict({own: weights[name] for name, own in names.items()})
    return model


def unwrap(state_dict: Mapping[str, object]) -> dict[str, Tensor]:
    """Tensors by name out of a checkpoint: `params_ema`, `params` or `state_dict` opened, `module.` removed."""
    for key in ("params_ema", "params", "state_dict"):
        if isinstance(state_dict.get(key), Mapping):
            state_dict = state_dict[key]
            break
    tensors = {str(name).removeprefix("module."): tensor for name, tensor in state_dict.items()}
    wrong = [name for name, tensor in tensors.items() if not isinstance(tensor, Tensor)]
    if wrong or not tensors:
        raise CheckpointError(
            "expected tensors by name, bare or under 'params_ema' or 'params'; found "
            + (f"{wrong[0]!r}: {type(tensors[wrong[0]]).__name__}" if wrong else "nothing")
        )
    return tensors


def identify(weights: Mapping[str, Tensor]) -> str:
    """What a set of official (or our own) weights seems to be, in words for an error message."""
    names = " ".join(weights)
    signs = [
        ("ELAN-Light", "modules_lfe" in names),
        ("HiT-SNG", "correlation" in names and "ngram" in names),
        ("HiT-SRF", "correlation" in names and "dwconv" in names),
        ("HiT-SIR", "correlation" in names),
        ("SRFormer-Light", "attn.kv" in names),
        ("SwinIR-NG", "attn.qkv" in names and "ngram" in names),
        ("SwinIR-Light", "attn.qkv" in names),
        ("a network of this suite", "mixer_norm" in names),
    ]
    network = next((name for name, found in signs if found), None)
    if network is None:
        return f"of an unknown layout (first names: {', '.join(list(weights)[:3])})"
    last = next(
        (weights[key] for key in ("upsample.0.weight", "tail.0.weight", "upsample.conv.weight") if key in weights), None
    )
    if last is None or last.ndim != 4:
        return f"{network} (or one built like it)"
    return f"{network} x{round((last.shape[0] / 3) ** 0.5)} with {last.shape[1]} channels"


def _official_name(network: str, name: str) -> str:
    for pattern, replacement in LAYOUTS[network]:
        name = re.sub(pattern, replacement, name)
    return name


def _stored_buffers(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Masks and indices that official files of `model` store, by official name."""
    for own, module in model.named_modules():
        if isinstance(module, ShiftedWindows):
            table = _official_name(model.name, f"{own}.bias_table")
            block = re.match(r"(.*\.blocks\.\d+\.)", table)[1]
            if module.shift:
                yield f"{block}attn_mask", _stored_mask(module)
            if isinstance(module, PermutedAttention):
                index = "aligned_relative_position_index", permuted_index(module.window)
            else:
                index = "relative_position_index", relative_index(module.window)
            yield table.replace("relative_position_bias_table", index[0]), index[1]
        elif isinstance(module, NGramAttention):
            table = _official_name(model.name, f"{own}.bias_table")
            yield table.replace("bias_table", "index"), relative_index(NGRAM)


def _stored_mask(module: ShiftedWindows) -> Tensor:
    side = -(-MASK_SIZE // module.window) * module.window
    return shift_mask(side, side, module.window, module.shift, module.reduction).clone()


def _list(title: str, names: list[str], shown: int = 3) -> str:
    if not names:
        return ""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"; {title}: {', '.join(names[:shown])}{more}"
