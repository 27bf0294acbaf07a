"""Self-attention in windows of several sizes side by side (ELAN, Section 3.3)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hitsr.networks.blocks.convolution import Conv1x1
from hitsr.networks.blocks.windows import from_windows, to_windows


class MultiScaleAttention(nn.Module):
    """Self-attention in windows of one size per group of channels (the paper's GMSA).

    Queries are their own keys. With `shared`, the maps of the layer before are used again and all channels are
    values. No scale, no bias, and no mask when shifted.
    """

    def __init__(self, dim: int, windows: Sequence[int], shift: bool, shared: bool):
        super().__init__()
        width = dim if shared else 2 * dim
        self.project_in = Conv1x1(dim, width)
        self.batch_norm = nn.BatchNorm2d(width)
        self.project_out = Conv1x1(dim, dim)
        self.windows, self.shift, self.shared = windows, shift, shared

    def forward(self, x: Tensor, maps: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """`(B, H, W, dim)` and the attention maps to share; H, W multiples of all windows."""
        x = self.batch_norm(self.project_in(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        parts, computed = [], []
        for number, (part, window) in enumerate(zip(x.chunk(len(self.windows), dim=-1), self.windows, strict=True)):
            offset = window // 2 if self.shift else 0
            tokens = to_windows(part.roll((-offset, -offset), (1, 2)), window)
            if self.shared:
                attention, value = maps[number], tokens
            else:
                query, value = tokens.chunk(2, dim=-1)
                attention = (query @ query.transpose(1, 2)).softmax(dim=-1)
            computed.append(attention)
            mixed = from_windows(attention @ value, window, *part.shape[1:3])
            parts.append(mixed.roll((offset, offset), (1, 2)))
        return self.project_out(torch.cat(parts, dim=-1)), computed
