"""Spatial-channel correlation, the mixer of the HiT networks (HiT-SR, Section 3.3), in two formulations.

There is no softmax between its products, so they may be re-associated. With `q`, `v` of a window of L tokens,
`p` the pooled `v` (M tokens), `B` the position bias and `d` channels per head:

    plain   S = (q p^T / d + B) p          C = (q^T v / L) v^T, transposed
    fast    S = q (p^T p) / d + B p        C = v (v^T q / L)

`plain` is what the published code computes and what complexity tables count. `fast` never makes the
correlation map of L x M entries, and equals it up to rounding.
"""

import torch
from torch import Tensor, nn

from hitsr.errors import OptionError
from hitsr.nets.checks import check_at_least, check_choice, check_heads
from hitsr.nets.convolution import Conv1x1, Conv2d
from hitsr.nets.formulation import FORMULATIONS, Formulation
from hitsr.nets.padding import pad_to_multiple
from hitsr.nets.position import DynamicPositionBias
from hitsr.nets.windows import from_windows, to_windows


class DualFeatureExtraction(nn.Module):
    """Queries and values: a spatial branch (through a 3x3 at fewer channels) gates a channel branch.

    `(B, H, W, dim)` to `(B, H, W, dim)`, the first half of the channels queries, the second values.
    """

    def __init__(self, dim: int, reduction: int):
        super().__init__()
        hidden = dim // reduction
        self.spatial = nn.Sequential(
            Conv1x1(dim, hidden),
            nn.LeakyReLU(0.2),
            Conv2d(hidden, hidden, 3),
            nn.LeakyReLU(0.2),
            Conv1x1(hidden, dim),
        )
        self.channel = Conv1x1(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.spatial(x) * self.channel(x)


class SpatialChannelCorrelation(nn.Module):
    """Mix the tokens of `window` x `window` windows by spatial and channel correlation: `(B, H, W, dim)` to the same.

    Args:
        dim: channels; half carry queries, half values.
        heads: heads of the spatial correlation (the channel correlation has one).
        window: side of the windows, a multiple or a divisor of `base_window`.
        base_window: values are pooled to at most this many tokens per side.
        reduction: channel reduction of the spatial branch of the feature extraction.
        context: adds something of the neighbouring windows to the features (HiT-SNG).
        pad_windows: the map is padded to a multiple of this many windows.
        formulation: "plain" or "fast".
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        window: int,
        *,
        base_window: int = 8,
        reduction: int = 5,
        context: nn.Module | None = None,
        pad_windows: int = 1,
        formulation: Formulation = "fast",
    ):
        super().__init__()
        check_heads(dim, heads, parts=2)
        check_choice("formulation", formulation, FORMULATIONS)
        check_at_least("dim", dim, 16)
        check_at_least("reduction", reduction, 1, most=dim)
        self.heads, self.window, self.formulation = heads, window, formulation
        self.cell = window // min(window, base_window)
        self.pad_unit = pad_windows * window
        self.features = DualFeatureExtraction(dim, reduction)
        self.project = nn.Linear(dim, dim)
        self.pool = nn.Linear(self.cell**2, 1)
        self.context = context
        self.position = DynamicPositionBias(dim, heads)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        features = self.features(pad_to_multiple(x, self.pad_unit))
        if self.context is not None:
            features = self.context(features)
        query, value = to_windows(features, self.window).chunk(2, dim=-1)
        correlate = self.plain if self.formulation == "plain" else self.fast
        mixed = from_windows(correlate(query, value), self.window, *features.shape[1:3])
        return self.project(mixed)[:, :height, :width]

    def pooled(self, value: Tensor) -> Tensor:
        """The value of each `cell` x `cell` cell, one weighted sum for all channels: `(B', L, c)` to `(B', M, c)`."""
        if self.cell == 1 and self.formulation == "fast":
            return value * self.pool.weight.squeeze() + self.pool.bias
        side = self.window // self.cell
        cells = value.unflatten(1, (side, self.cell, side, self.cell)).permute(0, 1, 3, 5, 2, 4)
        return self.pool(cells.flatten(4)).flatten(1, 2).squeeze(-1)

    def plain(self, query: Tensor, value: Tensor) -> Tensor:
        """Both correlations by way of their maps: `(B', L, dim / 2)` each to `(B', L, dim)`."""
        tokens = query.shape[1]
        by_head = (self.heads, query.shape[2] // self.heads)
        q = query.unflatten(2, by_head).transpose(1, 2)
        p = self.pooled(value).unflatten(2, by_head).transpose(1, 2)
        spatial_map = q @ p.transpose(2, 3) / by_head[1] + self.position.plain(self.window, self.cell)
        spatial = (spatial_map @ p).transpose(1, 2).flatten(2)
        channel_map = query.transpose(1, 2) @ value / tokens
        channel = (channel_map @ value.transpose(1, 2)).transpose(1, 2)
        return torch.cat([spatial, channel], dim=-1)

    def fast(self, query: Tensor, value: Tensor) -> Tensor:
        """The same, re-associated: products of tokens with matrices of `dim / 2` per side only."""
        windows, tokens, channels = query.shape
        head = channels // self.heads
        p = self.pooled(value)
        same_head = torch.block_diag(*[p.new_ones(head, head)] * self.heads)
        spatial = query @ ((p.transpose(1, 2) @ p) * (same_head / head))
        by_head = p.unflatten(2, (self.heads, head)).permute(2, 1, 0, 3).flatten(2)
        biased = (self.position.fast(self.window, self.cell) @ by_head).unflatten(2, (windows, head))
        spatial = spatial + biased.permute(2, 1, 0, 3).flatten(2)
        channel = value @ (value.transpose(1, 2) @ query / tokens)
        return torch.cat([spatial, channel], dim=-1)


def check_windows(window_ratios: tuple[float, ...], base_window: int) -> list[int]:
    """Window sides `int(base_window * ratio)`, each a multiple or a divisor of the base window.

    Raises:
        OptionError: a window is neither.
    """
    check_at_least("base_window", base_window, 1)
    if not isinstance(window_ratios, list | tuple) or not window_ratios:
        raise OptionError(f"window_ratios: expected numbers such as (0.5, 1, 2), found {window_ratios!r}")
    windows = [int(base_window * ratio) for ratio in window_ratios]
    for window, ratio in zip(windows, window_ratios, strict=True):
        if window < 1 or (window % base_window and base_window % window):
            raise OptionError(
                f"window_ratios: ratio {ratio} makes windows of {base_window * ratio:g} pixels per side; expected "
                f"multiples or divisors of base_window={base_window}"
            )
    return windows
