"""Window self-attention, plain and permuted (SwinIR Section 3.2; SRFormer Section 3.2), in two formulations.

`plain` writes the attention map out, as published and as complexity tables count it; `fast` uses PyTorch's
fused attention, with bias and mask as one additive mask. They agree up to rounding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.errors import OptionError
from hitsr.nets.checks import check_at_least, check_choice, check_heads
from hitsr.nets.formulation import FORMULATIONS, Formulation
from hitsr.nets.windows import from_windows, relative_index, shift_mask, to_windows


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, mask: Tensor | None, formulation: Formulation) -> Tensor:
    """Softmax attention with a bias per head and a mask per window of the map.

    Args:
        q: `(B', heads, L, d)`; k, v: `(B', heads, M, d)`, with B' = images x windows of the map.
        bias: `(heads, L, M)`.
        mask: `(windows of the map, L, M)`, added to the logits, or None.

    Returns:
        `(B', L, heads * d)`.
    """
    # fused attention has no gradient for its additive mask but by a slower detour
    learning = torch.is_grad_enabled() and bias.requires_grad
    mix = attend_plain if formulation == "plain" or learning else attend_fast
    return mix(q, k, v, bias, mask).transpose(1, 2).flatten(2)


def attend_plain(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, mask: Tensor | None) -> Tensor:
    """As published: the attention map is written out, and the mask added in every window."""
    if mask is not None:
        bias = (bias + mask.to(bias)[:, None]).repeat(q.shape[0] // mask.shape[0], 1, 1, 1)
    logits = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3) + bias
    return logits.softmax(dim=-1) @ v


def attend_fast(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, mask: Tensor | None) -> Tensor:
    """Fused attention. Only the windows at the end of a row or column have a mask: they are done again with it."""
    bias = bias.to(q)
    mixed = F.scaled_dot_product_attention(q, k, v, bias.expand(q.shape[0], -1, -1, -1))
    if mask is None:
        return mixed
    within = masked_windows(mask)
    images = q.shape[0] // mask.shape[0]
    masked = (torch.arange(images)[:, None] * mask.shape[0] + within).flatten().to(q.device)
    bias = (bias + mask[within].to(q)[:, None]).repeat(images, 1, 1, 1)
    again = F.scaled_dot_product_attention(q[masked], k[masked], v[masked], bias)
    return mixed.index_copy(0, masked, again)


def masked_windows(mask: Tensor) -> Tensor:
    """Numbers of the windows that have a mask at all."""
    return mask.flatten(1).any(dim=1).nonzero().squeeze(1)


class ShiftedWindows(nn.Module):
    """What the window attentions share: cyclic shift, windows, mask, and the way back.

    A subclass attends among the tokens of the windows, `(B', w * w, dim)` to the same. H and W of the map are
    multiples of the window.
    """

    reduction = 1

    def __init__(self, window: int, shift: int, formulation: Formulation):
        super().__init__()
        check_choice("formulation", formulation, FORMULATIONS)
        check_at_least("window", window, 1)
        self.window, self.shift, self.formulation = window, shift, formulation

    def attention(self, tokens: Tensor, mask: Tensor | None) -> Tensor:
        raise TypeError(f"{type(self).__name__} does not say how its tokens attend to each other")

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        mask = None
        if self.shift:
            x = x.roll((-self.shift, -self.shift), (1, 2))
            mask = shift_mask(height, width, self.window, self.shift, self.reduction)
        tokens = self.attention(to_windows(x, self.window), mask)
        x = from_windows(tokens, self.window, height, width)
        return x.roll((self.shift, self.shift), (1, 2)) if self.shift else x


class WindowAttention(ShiftedWindows):
    """Multi-head self-attention in windows, shifted or not: `(B, H, W, dim)` to the same."""

    def __init__(self, dim: int, heads: int, window: int, *, shift: int = 0, formulation: Formulation = "fast"):
        super().__init__(window, shift, formulation)
        check_heads(dim, heads)
        self.bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.qkv = nn.Linear(dim, 3 * dim)
        self.project = nn.Linear(dim, dim)
        self.heads = heads

    def attention(self, tokens: Tensor, mask: Tensor | None) -> Tensor:
        q, k, v = self.qkv(tokens).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        bias = self.bias_table[relative_index(self.window, tokens.device)].permute(2, 0, 1)
        return self.project(attend(q, k, v, bias, mask, self.formulation))


class PermutedAttention(ShiftedWindows):
    """Permuted self-attention: keys and values of 2x2 pixels are folded into the channels of one token.

    The window's L tokens attend to L / 4 keys: `(B, H, W, dim)` to the same.
    """

    reduction = 2

    def __init__(self, dim: int, heads: int, window: int, *, shift: int = 0, formulation: Formulation = "fast"):
        super().__init__(window, shift, formulation)
        check_heads(dim, heads)
        if window % 4 or dim % self.reduction**2:
            raise OptionError(
                f"window, dim: expected multiples of 4 (cells of 2x2 pixels, shifted by half a window), "
                f"found window={window}, dim={dim}"
            )
        self.bias_table = nn.Parameter(torch.zeros((window - 1) ** 2, heads))
        self.kv = nn.Linear(dim, 2 * (dim // self.reduction**2))
        self.q = nn.Linear(dim, dim)
        self.project = nn.Linear(dim, dim)
        self.heads = heads

    def attention(self, tokens: Tensor, mask: Tensor | None) -> Tensor:
        side, r = self.window // self.reduction, self.reduction
        kv = self.kv(tokens).unflatten(2, (2, -1)).unflatten(1, (side, r, side, r))
        # channel of a permuted token: row in the cell, column in the cell, then the pixel's own channel
        k, v = kv.permute(5, 0, 1, 3, 2, 4, 6).flatten(4).flatten(2, 3).unflatten(3, (self.heads, -1)).transpose(2, 3)
        q = self.q(tokens).unflatten(2, (self.heads, -1)).transpose(1, 2)
        bias = self.bias_table[permuted_index(self.window, tokens.device)].permute(2, 0, 1)
        return self.project(attend(q, k, v, bias, mask, self.formulation))


def permuted_index(window: int, device: torch.device | str | None = None) -> Tensor:
    """Row of the bias table for each (query, permuted key) pair: a query takes its cell's row. `(w * w, (w / 2)^2)`."""
    cell = torch.arange(window, device=device) // 2
    query = (cell[:, None] * (window // 2) + cell[None, :]).flatten()
    return relative_index(window // 2, device)[query]
