"""Window attention in an exported graph."""

import torch
from torch import Tensor

from hitsr.export.layers.position import gathered
from hitsr.export.once import Once
from hitsr.export.parts import in_parts
from hitsr.networks.blocks.attention import PermutedAttention, ShiftedWindows, WindowAttention
from hitsr.networks.blocks.windows import from_windows, shift_mask, to_windows


class GraphWindows(ShiftedWindows):
    """Attention in windows of one map, some at a time, with the mask of all windows made in the graph."""

    once: Once

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        if self.shift:
            x = x.roll((-self.shift, -self.shift), (1, 2))  # (1, H, W, dim)
        given = [to_windows(x, self.window)]  # (B', L, dim)
        if self.shift:
            given.append(self.once(shift_mask, height, width, self.window, self.shift, self.reduction))  # (B', L, M)
        bias = self.bias()
        tokens = in_parts(lambda *windows: self._attended(bias, *windows), given[0].shape[0], bias.numel(), *given)
        x = from_windows(tokens, self.window, height, width)
        return x.roll((self.shift, self.shift), (1, 2)) if self.shift else x

    def _attended(self, bias: Tensor, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Tokens `(B', L, dim)` of some windows to the same, with their masks `(B', L, M)` if the map was shifted."""
        q, k, v = self.queries_keys_values(tokens)  # (B', heads, _, d)
        logits = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3) + bias  # (B', heads, L, M)
        if mask is not None:
            logits = logits + mask[:, None]
        return self.project((logits.softmax(dim=-1) @ v).transpose(1, 2).flatten(2))  # (B', L, dim)

    def bias(self) -> Tensor:
        side = self.window // self.reduction
        offset = torch.arange(self.window)[:, None] // self.reduction - torch.arange(side)[None, :] + side - 1
        table = self.bias_table.unflatten(0, (2 * side - 1, -1)).permute(2, 0, 1)  # (heads, offsets, offsets)
        return gathered(table, offset, side).flatten(3, 4).flatten(1, 2)  # (heads, L, M)


class GraphWindowAttention(GraphWindows, WindowAttention):
    """Multi-head self-attention in windows."""

    def split(self, qkv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # each by itself is the form that runtimes know attention by
        q, k, v = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in qkv.chunk(3, dim=2))
        return q, k, v


class GraphPermutedAttention(GraphWindows, PermutedAttention):
    """Permuted self-attention."""
