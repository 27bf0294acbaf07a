"""Window self-attention, plain and permuted (SwinIR Section 3.2; SRFormer Section 3.2), as published."""

from functools import lru_cache

import torch
from torch import Tensor, nn

from hitsr.errors import OptionError
from hitsr.networks.blocks.checks import check_at_least, check_heads
from hitsr.networks.blocks.windows import from_windows, relative_index, shift_mask, to_windows

PUBLISHED_SIDE = 64
"""Published code keeps its masks for maps of this side, the patches it trains on."""


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, mask: Tensor | None) -> Tensor:
    """`softmax(q k^T / sqrt(d) + bias + mask) v`, with the attention map written out.

    Args:
        q: `(B', heads, L, d)`; k, v: `(B', heads, M, d)`, with B' = images x windows of the map.
        bias: `(heads, L, M)`.
        mask: `(windows of the map, L, M)`, added to the logits, or None.

    Returns:
        `(B', L, heads * d)`.
    """
    logits = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3) + bias  # (B', heads, L, M)
    if mask is not None:
        by_map = logits.unflatten(0, (-1, mask.shape[0]))  # (B, windows, heads, L, M)
        logits = (by_map + mask.to(bias)[:, None]).flatten(0, 1)  # (B', heads, L, M)
    return (logits.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)  # (B', L, heads * d)


class ShiftedWindows(nn.Module):
    """What the window attentions share: cyclic shift, windows, mask, and the way back: `(B, H, W, dim)` to the same.

    A subclass says what the queries, keys and values of the tokens are. H and W are multiples of the window.

    Args:
        dim: channels of the map.
        heads: attention heads.
        window: side of the windows.
        shift: the map is rolled up and left by this many pixels before it is cut.
    """

    bias_table: nn.Parameter
    project: nn.Linear
    reduction = 1
    """Keys of a window are this many times fewer per side than its queries."""

    def __init__(self, dim: int, heads: int, window: int, *, shift: int = 0):
        super().__init__()
        check_at_least("window", window, 1)
        check_heads(dim, heads)
        self.heads, self.window, self.shift = heads, window, shift

    def queries_keys_values(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of tokens `(B', L, dim)`: queries `(B', heads, L, d)`, keys and values `(B', heads, M, d)`."""
        raise TypeError(f"{type(self).__name__} does not say what its queries are")

    def bias(self) -> Tensor:
        """Position bias of each (query, key) pair of a window: `(heads, L, M)`."""
        raise TypeError(f"{type(self).__name__} does not say what its bias is")

    def mask(self, height: int, width: int) -> Tensor | None:
        """What keeps pixels apart that the shift brought together: `(windows of the map, L, M)`, or None."""
        return published_mask(height, width, self.window, self.shift, self.reduction)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        if self.shift:
            x = x.roll((-self.shift, -self.shift), (1, 2))  # (B, H, W, dim)
        tokens = to_windows(x, self.window)  # (B', L, dim)
        mask = self.mask(height, width)  # (windows of the map, L, M)
        tokens = self.project(attend(*self.queries_keys_values(tokens), self.bias(), mask))  # (B', L, dim)
        x = from_windows(tokens, self.window, height, width)  # (B, H, W, dim)
        return x.roll((self.shift, self.shift), (1, 2)) if self.shift else x


class WindowAttention(ShiftedWindows):
    """Multi-head self-attention in windows, shifted or not."""

    def __init__(self, dim: int, heads: int, window: int, *, shift: int = 0):
        super().__init__(dim, heads, window, shift=shift)
        self.bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.qkv = nn.Linear(dim, 3 * dim)
        self.project = nn.Linear(dim, dim)

    def queries_keys_values(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.split(self.qkv(tokens))

    def split(self, qkv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`(B', L, 3 * dim)` to three of `(B', heads, L, d)`."""
        return qkv.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind()

    def bias(self) -> Tensor:
        index = relative_index(self.window, self.bias_table.device)  # (L, L)
        return self.bias_table[index].permute(2, 0, 1)  # (heads, L, L)


class PermutedAttention(ShiftedWindows):
    """Permuted self-attention: keys and values of 2x2 pixels are folded into the channels of one token.

    The window's L tokens attend to L / 4 keys.
    """

    reduction = 2

    def __init__(self, dim: int, heads: int, window: int, *, shift: int = 0):
        super().__init__(dim, heads, window, shift=shift)
        if window % 4 or dim % self.reduction**2:
            raise OptionError(
                f"window, dim: expected multiples of 4 (cells of 2x2 pixels, shifted by half a window), "
                f"found window={window}, dim={dim}"
            )
        self.bias_table = nn.Parameter(torch.zeros((window - 1) ** 2, heads))
        self.kv = nn.Linear(dim, 2 * (dim // self.reduction**2))
        self.q = nn.Linear(dim, dim)
        self.project = nn.Linear(dim, dim)

    def queries_keys_values(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.split(self.q(tokens), self.kv(tokens))

    def split(self, q: Tensor, kv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`(B', L, dim)` and `(B', L, dim / 2)` to `(B', heads, L, d)` and twice `(B', heads, L / 4, d)`."""
        side, r = self.window // self.reduction, self.reduction
        cells = kv.unflatten(2, (2, -1)).unflatten(1, (side, r, side, r))  # (B', w / 2, 2, w / 2, 2, 2, dim / 4)
        # channel of a permuted token: row in the cell, column in the cell, then the pixel's own channel
        folded = cells.permute(5, 0, 1, 3, 2, 4, 6).flatten(4).flatten(2, 3)  # (2, B', L / 4, dim)
        k, v = folded.unflatten(3, (self.heads, -1)).transpose(2, 3)  # (B', heads, L / 4, d)
        return q.unflatten(2, (self.heads, -1)).transpose(1, 2), k, v

    def bias(self) -> Tensor:
        index = permuted_index(self.window, self.bias_table.device)  # (L, L / 4)
        return self.bias_table[index].permute(2, 0, 1)  # (heads, L, L / 4)


class AttentionInContext(nn.Module):
    """Add to each pixel the context of its unshifted window, then attend (SwinIR-NG)."""

    def __init__(self, context: nn.Module, attention: ShiftedWindows):
        super().__init__()
        self.context, self.attention = context, attention

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.context(x))  # (B, H, W, dim)


def permuted_index(window: int, device: torch.device | str | None = None) -> Tensor:
    """Row of the bias table for each (query, permuted key) pair: a query takes its cell's row. `(w * w, (w / 2)^2)`."""
    cell = torch.arange(window, device=device) // 2
    query = (cell[:, None] * (window // 2) + cell[None, :]).flatten()
    return relative_index(window // 2, device)[query]


def published_mask(height: int, width: int, window: int, shift: int, reduction: int) -> Tensor | None:
    """The mask as published code comes by it: for a map of another size than 64x64 each layer of each pass builds
    one, shifted or not."""
    if (height, width) != (PUBLISHED_SIDE, PUBLISHED_SIDE):
        return shift_mask(height, width, window, shift, reduction)
    return _kept_mask(window, shift, reduction) if shift else None


@lru_cache(maxsize=8)
def _kept_mask(window: int, shift: int, reduction: int) -> Tensor:
    return shift_mask(PUBLISHED_SIDE, PUBLISHED_SIDE, window, shift, reduction)
