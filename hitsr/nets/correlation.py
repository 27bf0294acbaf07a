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
from torch.nn import functional as F

from hitsr.errors import OptionError
from hitsr.nets.checks import check_at_least, check_choice, check_heads
from hitsr.nets.convolution import Conv1x1, Conv2d
from hitsr.nets.formulation import FORMULATIONS, Formulation
from hitsr.nets.padding import pad_to_multiple
from hitsr.nets.position import DynamicPositionBias
from hitsr.nets.windows import from_cells, from_windows, to_cells, to_windows

FOLD_FROM = 256
"""Tokens of a window from which folding the projection into its matrices saves more than it costs."""


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
        mix = self.plain if self.formulation == "plain" else self.fast
        return mix(features)[:, :height, :width]

    def plain(self, features: Tensor) -> Tensor:
        """Both correlations by way of their maps: queries and values `(B, H, W, dim)` to mixed `(B, H, W, dim)`."""
        query, value = to_windows(features, self.window).chunk(2, dim=-1)
        tokens, side = query.shape[1], self.window // self.cell
        by_head = (self.heads, query.shape[2] // self.heads)
        cells = value.unflatten(1, (side, self.cell, side, self.cell)).permute(0, 1, 3, 5, 2, 4)
        pooled = self.pool(cells.flatten(4)).flatten(1, 2).squeeze(-1)
        q = query.unflatten(2, by_head).transpose(1, 2)
        p = pooled.unflatten(2, by_head).transpose(1, 2)
        spatial_map = q @ p.transpose(2, 3) / by_head[1] + self.position.plain(self.window, self.cell)
        spatial = (spatial_map @ p).transpose(1, 2).flatten(2)
        channel_map = query.transpose(1, 2) @ value / tokens
        channel = (channel_map @ value.transpose(1, 2)).transpose(1, 2)
        mixed = torch.cat([spatial, channel], dim=-1)
        return self.project(from_windows(mixed, self.window, *features.shape[1:3]))

    def fast(self, features: Tensor) -> Tensor:
        """The same, re-associated: products of tokens with small matrices only, and the projection folded into them.

        The tokens of a window stand cell by cell, so that pooling needs no copy.
        """
        tokens = to_cells(features, self.window, self.cell)
        windows, count, dim = tokens.shape
        half, head = dim // 2, dim // 2 // self.heads
        query, value = tokens.split(half, dim=-1)
        pooled = self.pooled(value)
        same_head = torch.block_diag(*[tokens.new_full((head, head), 1 / head)] * self.heads)
        of_spatial, of_channel = self.project.weight.split(half, dim=1)
        to_query = (pooled.transpose(1, 2) @ pooled) * same_head
        to_value = value.transpose(1, 2) @ query / count

        by_head = pooled.unflatten(2, (self.heads, head)).permute(2, 1, 0, 3).flatten(2)
        biased = (self.position.fast(self.window, self.cell) @ by_head).unflatten(2, (windows, head))
        biased = biased.permute(2, 1, 0, 3).flatten(2)
        if count < FOLD_FROM:
            spatial, channel = torch.baddbmm(biased, query, to_query), value @ to_value
            mixed = self.project(torch.cat([spatial, channel], dim=-1))
        else:
            folded = torch.cat([to_query @ of_spatial.t(), to_value @ of_channel.t()], dim=1)
            mixed = torch.baddbmm(F.linear(biased, of_spatial, self.project.bias), tokens, folded)
        return from_cells(mixed, self.window, self.cell, *features.shape[1:3])

    def pooled(self, value: Tensor) -> Tensor:
        """One weighted sum per cell, the same for all channels: `(B', L, c)`, cell by cell, to `(B', M, c)`."""
        if self.cell == 1:
            return value * self.pool.weight.squeeze() + self.pool.bias
        cells = value.unflatten(1, (-1, self.cell**2))
        return (cells * self.pool.weight.view(-1, 1)).sum(dim=2) + self.pool.bias


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
