"""Masks and indices of window attention, which official checkpoints store and our networks make when they need them."""

import re
from collections.abc import Iterator

from torch import Tensor, nn

from hitsr.checkpoints.layout import Layout
from hitsr.networks.blocks.attention import PermutedAttention, ShiftedWindows, permuted_index
from hitsr.networks.blocks.ngram import NGRAM, NGramAttention
from hitsr.networks.blocks.windows import relative_index, shift_mask

MASK_SIZE = 64
"""Side of the map whose shift mask official files store."""


def stored_buffers(model: nn.Module, layout: Layout) -> Iterator[tuple[str, Tensor]]:
    """Masks and indices that official files of `model` store, by official name."""
    for own, module in model.named_modules():
        if isinstance(module, ShiftedWindows):
            table = layout.official(f"{own}.bias_table")
            if module.shift:
                yield f"{block_of(table)}attn_mask", _stored_mask(module)
            if isinstance(module, PermutedAttention):
                index = "aligned_relative_position_index", permuted_index(module.window)
            else:
                index = "relative_position_index", relative_index(module.window)
            yield table.replace("relative_position_bias_table", index[0]), index[1]
        elif isinstance(module, NGramAttention):
            table = layout.official(f"{own}.bias_table")
            yield table.replace("bias_table", "index"), relative_index(NGRAM)


def block_of(name: str) -> str:
    """The transformer block that the tensor of an official name is in, with a dot; empty if it is in none."""
    found = re.match(r"(.*\.blocks\.\d+\.)", name)
    return found[1] if found else ""


def _stored_mask(module: ShiftedWindows) -> Tensor:
    side = -(-MASK_SIZE // module.window) * module.window
    return shift_mask(side, side, module.window, module.shift, module.reduction).clone()
