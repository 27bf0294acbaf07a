"""Window self-attention, plain and permuted (SwinIR Section 3.2; SRFormer Section 3.2), in two formulations.

    plain   softmax(q k^T / sqrt(d) + bias + mask) v, as published
    fast    the same for a few windows at a time, so that their maps stay in the processor's cache; a mask for
            the closed windows only

On a GPU, inference in `fast` is PyTorch's fused attention, with bias and mask as one additive mask.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.errors import OptionError
from hitsr.networks.blocks.bands import TokenWise, in_bands, spans, unchanged
from hitsr.networks.blocks.checks import check_at_least, check_heads
from hitsr.networks.blocks.formulation import Formulated
from hitsr.networks.blocks.linear import linear
from hitsr.networks.blocks.windows import (
    ClosedWindows,
    add_windows,
    closed_windows,
    from_windows,
    gather_windows,
    published_mask,
    relative_index,
    to_windows,
)

CACHED_ENTRIES, KEPT_ENTRIES = 2**18, 2**22
"""Entries of the attention maps that `fast` makes at once: 1 MiB in float32 stays in the cache of a CPU; maps that
the backward pass needs leave it anyway."""

FUSED_CHANNELS = 8
"""Fused kernels take heads of multiples of this many channels, in every number format."""


def attend_plain(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, mask: Tensor | None) -> Tensor:
    """As published: the attention map is written out, and the mask added in every window.

    Args:
        q: `(B', heads, L, d)`; k, v: `(B', heads, M, d)`, with B' = images x windows of the map.
        bias: `(heads, L, M)`.
        mask: `(windows of the map, L, M)`, added to the logits, or None.

    Returns:
        `(B', L, heads * d)`.
    """
    logits = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3) + bias
    if mask is not None:
        logits = (logits.unflatten(0, (-1, mask.shape[0])) + mask.to(bias)[:, None]).flatten(0, 1)
    return (logits.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)


def attend_fast(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, closed: ClosedWindows | None) -> Tensor:
    """The same, some windows at a time.

    Args:
        q, k, v, bias: as of `attend_plain`.
        closed: the windows that a shift has closed, and their masks.

    Returns:
        `(B', L, heads * d)`.
    """
    # fused attention has no gradient for its additive mask but by a slower detour
    learning = torch.is_grad_enabled() and bias.requires_grad
    if q.is_cuda and not learning:
        return _fused(q, k, v, bias, closed)
    bias = bias.contiguous()
    count = max(1, (KEPT_ENTRIES if learning else CACHED_ENTRIES) // (q.shape[1] * q.shape[2] * k.shape[2]))
    parts = []
    for first in range(0, q.shape[0], count):
        part = slice(first, first + count)
        numbers, masks = closed.of(part) if closed else (None, None)
        parts.append(_attend(q[part], k[part], v[part], bias, numbers, masks))
    return torch.cat(parts)


def _attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, numbers: Tensor | None, masks: Tensor | None) -> Tensor:
    # products of matrices that are views copy them again and again
    q, k, v = (q * q.shape[-1] ** -0.5).contiguous(), k.contiguous(), v.contiguous()
    logits = q @ k.transpose(2, 3)
    logits += bias
    if numbers is not None:
        logits[numbers] += masks[:, None].to(logits)
    # the transposed product: one with as few columns as a head has channels is slow
    mixed = v.transpose(2, 3) @ logits.softmax(dim=-1).transpose(2, 3)
    return mixed.flatten(1, 2).transpose(1, 2)


def _fused(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, closed: ClosedWindows | None) -> Tensor:
    """Fused attention without a mask; the closed windows are done again with it."""
    channels = q.shape[3]
    # the kernels take whole groups of channels, and PyTorch falls back on writing the map out without a word
    q, k, v = (F.pad(part, (0, -channels % FUSED_CHANNELS)) for part in (q, k, v))
    bias, scale = bias.to(q), channels**-0.5
    mixed = F.scaled_dot_product_attention(q, k, v, bias.expand(q.shape[0], -1, -1, -1), scale=scale)
    if closed:
        numbers, masks = closed.of(slice(0, q.shape[0]))
        again = F.scaled_dot_product_attention(
            q[numbers], k[numbers], v[numbers], bias + masks[:, None].to(q), scale=scale
        )
        mixed = mixed.index_copy(0, numbers, again)
    return mixed[..., :channels].transpose(1, 2).flatten(2)


class ShiftedWindows(Formulated):
    """What the window attentions share: cyclic shift, windows, mask, and the way back.

    A subclass attends among the tokens of the windows. H and W of the map are multiples of the window.

    Args:
        window: side of the windows.
        shift: the map is rolled up and left by this many pixels before it is cut.
    """

    reduction = 1

    def __init__(self, window: int, shift: int):
        super().__init__()
        check_at_least("window", window, 1)
        self.window, self.shift = window, shift

    def attention(self, tokens: Tensor, mask: Tensor | None) -> Tensor:
        """As published: `(B', w * w, dim)` to the same, with a mask per window of the map."""
        raise TypeError(f"{type(self).__name__} does not say how its tokens attend to each other")

    def fast_attention(self, tokens: Tensor, closed: ClosedWindows | None) -> Tensor:
        """The same, with masks for the closed windows only."""
        raise TypeError(f"{type(self).__name__} does not say how its tokens attend to each other")

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        if self.shift:
            x = x.roll((-self.shift, -self.shift), (1, 2))
        tokens = to_windows(x, self.window)
        if self.formulation == "plain":
            mask = published_mask(height, width, self.window, self.shift, self.reduction)
            tokens = self.attention(tokens, mask)
        else:
            tokens = self.fast_attention(tokens, self._closed(x, 0, height, images=x.shape[0]))
        x = from_windows(tokens, self.window, height, width)
        return x.roll((self.shift, self.shift), (1, 2)) if self.shift else x

    def add_to(self, x: Tensor, before: TokenWise, after: TokenWise, tokens: int, source: Tensor | None = None) -> None:
        """`x += after(self(before(source)))` for a map `(1, H, W, dim)`, in place, about `tokens` pixels at a time.

        Shifted windows are cut out of the map and added to it where they lie, so nothing is rolled.

        Args:
            source: what is attended to; `x` itself if left out.
        """
        height, width = x.shape[1:3]
        for top, bottom in spans(height, width, self.window, tokens):
            windows = gather_windows(x if source is None else source, top, bottom, self.window, self.shift)
            mixed = after(self.fast_attention(before(windows), self._closed(x, top, bottom, images=1)))
            add_windows(x, mixed, top, bottom, self.window, self.shift)

    def band_room(self, height: int, width: int) -> tuple[int, int]:
        """Pixels of maps that `add_to` holds throughout, and pixels of the smallest part that it works on."""
        return 0, self.window * width

    def _closed(self, x: Tensor, top: int, bottom: int, images: int) -> ClosedWindows | None:
        if not self.shift:
            return None
        return closed_windows(*x.shape[1:3], top, bottom, images, self.window, self.shift, self.reduction, x.device)


class WindowAttention(ShiftedWindows):
    """Multi-head self-attention in windows, shifted or not: `(B, H, W, dim)` to the same."""

    def __init__(self, dim: int, heads: int, window: int, *, shift: int = 0):
        super().__init__(window, shift)
        check_heads(dim, heads)
        self.bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.qkv = nn.Linear(dim, 3 * dim)
        self.project = nn.Linear(dim, dim)
        self.heads = heads

    def attention(self, tokens: Tensor, mask: Tensor | None) -> Tensor:
        return self.project(attend_plain(*self._split(self.qkv(tokens)), self._bias(), mask))

    def fast_attention(self, tokens: Tensor, closed: ClosedWindows | None) -> Tensor:
        q, k, v = self._split(linear(tokens, self.qkv.weight, self.qkv.bias))
        return linear(attend_fast(q, k, v, self._bias(), closed), self.project.weight, self.project.bias)

    def _split(self, qkv: Tensor) -> tuple[Tensor, ...]:
        return qkv.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind()

    def _bias(self) -> Tensor:
        return self.bias_table[relative_index(self.window, self.bias_table.device)].permute(2, 0, 1)


class PermutedAttention(ShiftedWindows):
    """Permuted self-attention: keys and values of 2x2 pixels are folded into the channels of one token.

    The window's L tokens attend to L / 4 keys: `(B, H, W, dim)` to the same.
    """

    reduction = 2

    def __init__(self, dim: int, heads: int, window: int, *, shift: int = 0):
        super().__init__(window, shift)
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
        return self.project(attend_plain(*self._split(self.q(tokens), self.kv(tokens)), self._bias(), mask))

    def fast_attention(self, tokens: Tensor, closed: ClosedWindows | None) -> Tensor:
        q = linear(tokens, self.q.weight, self.q.bias)
        kv = linear(tokens, self.kv.weight, self.kv.bias)
        mixed = attend_fast(*self._split(q, kv), self._bias(), closed)
        return linear(mixed, self.project.weight, self.project.bias)

    def _split(self, q: Tensor, kv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        side, r = self.window // self.reduction, self.reduction
        kv = kv.unflatten(2, (2, -1)).unflatten(1, (side, r, side, r))
        # channel of a permuted token: row in the cell, column in the cell, then the pixel's own channel
        k, v = kv.permute(5, 0, 1, 3, 2, 4, 6).flatten(4).flatten(2, 3).unflatten(3, (self.heads, -1)).transpose(2, 3)
        return q.unflatten(2, (self.heads, -1)).transpose(1, 2), k, v

    def _bias(self) -> Tensor:
        return self.bias_table[permuted_index(self.window, self.bias_table.device)].permute(2, 0, 1)


class AttentionInContext(nn.Module):
    """Add to each pixel the context of its unshifted window, then attend (SwinIR-NG)."""

    def __init__(self, context: nn.Module, attention: ShiftedWindows):
        super().__init__()
        self.context, self.attention = context, attention

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.context(x))

    def add_to(self, x: Tensor, before: TokenWise, after: TokenWise, tokens: int) -> None:
        """`x += after(self(before(x)))` in place; the context reads the whole map, so it takes a map of its own."""
        source = in_bands(x, before, 0, tokens)
        self.context.add_to(source)
        self.attention.add_to(x, unchanged, after, tokens, source)

    def band_room(self, height: int, width: int) -> tuple[int, int]:
        """As of the attention, and the map of the context."""
        return height * width, self.attention.band_room(height, width)[1]


def permuted_index(window: int, device: torch.device | str | None = None) -> Tensor:
    """Row of the bias table for each (query, permuted key) pair: a query takes its cell's row. `(w * w, (w / 2)^2)`."""
    cell = torch.arange(window, device=device) // 2
    query = (cell[:, None] * (window // 2) + cell[None, :]).flatten()
    return relative_index(window // 2, device)[query]
