"""Spatial-channel correlation, the mixer of the HiT networks (HiT-SR, Section 3.3), in two formulations.

There is no softmax between its products, so they may be re-associated. With `q`, `v` of a window of L tokens,
`p` the pooled `v` (M tokens), `B` the position bias and `d` channels per head:

    plain   S = (q p^T / d + B) p          C = (q^T v / L) v^T, transposed
    fast    S = q (p^T p) / d + B p        C = v (v^T q / L)

`plain` is what the published code computes and what complexity tables count. `fast` never makes the
correlation map of L x M entries, and equals it up to rounding.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from hitsr.errors import OptionError
from hitsr.nets.bands import TokenWise, bands, spans
from hitsr.nets.checks import check_at_least, check_heads
from hitsr.nets.convolution import Conv1x1, Conv2d
from hitsr.nets.formulation import Formulated
from hitsr.nets.linear import linear, products
from hitsr.nets.ngram import NGramContext
from hitsr.nets.padding import pad_to_multiple, round_up
from hitsr.nets.position import DynamicPositionBias
from hitsr.nets.windows import from_cells, from_windows, to_cells, to_windows

FOLD_FROM = 256
"""Tokens of a window from which folding the projection into its matrices saves more than it costs."""
MULTIPLY_FROM = 16
"""Pixels of a cell from which pooling is faster as a matrix product."""


class DualFeatureExtraction(nn.Module):
    """Queries and values: a spatial branch (through a 3x3 at fewer channels) gates a channel branch.

    `(B, H, W, dim)` to `(B, H, W, dim)`, the first half of the channels queries, the second values.
    """

    halo = 1
    """Rows above and below that a row depends on."""

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


class SpatialChannelCorrelation(Formulated):
    """Mix the tokens of `window` x `window` windows by spatial and channel correlation: `(B, H, W, dim)` to the same.

    Args:
        dim: channels; half carry queries, half values.
        heads: heads of the spatial correlation (the channel correlation has one).
        window: side of the windows, a multiple or a divisor of `base_window`.
        base_window: values are pooled to at most this many tokens per side.
        reduction: channel reduction of the spatial branch of the feature extraction.
        context: adds something of the neighbouring windows to the features (HiT-SNG).
        pad_windows: the map is padded to a multiple of this many windows.
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        window: int,
        *,
        base_window: int = 8,
        reduction: int = 5,
        context: NGramContext | None = None,
        pad_windows: int = 1,
    ):
        super().__init__()
        check_heads(dim, heads, parts=2)
        check_at_least("dim", dim, 16)
        check_at_least("reduction", reduction, 1, most=dim)
        self.heads, self.window = heads, window
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
        pooled = self.pooled(tokens)
        same_head = torch.block_diag(*[tokens.new_full((head, head), 1 / head)] * self.heads)
        of_spatial, of_channel = self.project.weight.split(half, dim=1)
        to_query = (pooled.transpose(1, 2) @ pooled) * same_head
        to_value = value.transpose(1, 2) @ query / count

        by_head = pooled.unflatten(2, (self.heads, head)).permute(2, 0, 3, 1).flatten(1, 2)
        biased = torch.cat(
            [
                linear(bias, values).unflatten(1, (windows, head)).transpose(0, 1)
                for bias, values in zip(self.position.fast(self.window, self.cell), by_head, strict=True)
            ],
            dim=2,
        )
        if count < FOLD_FROM:
            spatial, channel = torch.baddbmm(biased, query, to_query), value @ to_value
            mixed = linear(torch.cat([spatial, channel], dim=-1), self.project.weight, self.project.bias)
        else:
            folded = torch.cat([to_query @ of_spatial.t(), to_value @ of_channel.t()], dim=1)
            mixed = linear(biased, of_spatial, self.project.bias) + products(tokens, folded)
        return from_cells(mixed, self.window, self.cell, *features.shape[1:3])

    def pooled(self, tokens: Tensor) -> Tensor:
        """One weighted sum of values per cell, the same for all channels: `(B', L, dim)` to `(B', M, dim / 2)`."""
        half, size = tokens.shape[-1] // 2, self.cell**2
        if size == 1:
            return tokens[..., half:] * self.pool.weight.squeeze() + self.pool.bias
        if size < MULTIPLY_FROM:
            cells = tokens[..., half:].unflatten(1, (-1, size))
            return (cells * self.pool.weight.view(-1, 1)).sum(dim=2) + self.pool.bias
        # pooling the queries too costs less than a copy of the values
        cells = self.pool.weight @ tokens.unflatten(1, (-1, size))
        return cells.squeeze(2)[..., half:] + self.pool.bias

    def add_to(self, x: Tensor, before: TokenWise, after: TokenWise, tokens: int) -> None:
        """`x += after(self(before(x)))` for a map `(1, H, W, dim)`, in place, about `tokens` pixels at a time."""
        height, width = x.shape[1:3]
        for top, features in self._features_in_bands(x, before, tokens):
            mixed = after(self.fast(features))[:, : height - top, :width]
            x[:, top : top + mixed.shape[1]] += mixed

    def _features_in_bands(self, x: Tensor, before: TokenWise, tokens: int) -> Iterator[tuple[int, Tensor]]:
        """First row and features of each band of window rows; the features reach below the map to whole windows."""
        found = bands(x, self.features.halo, tokens, unit=self.pad_unit)
        if self.context is None:
            yield from ((band.top, band.inner(self.features(before(band.rows)))) for band in found)
            return
        # a context reads the windows around, so all features are there before the first is mixed
        height, width = (round_up(size, self.pad_unit) for size in x.shape[1:3])
        features = x.new_empty(1, height, width, x.shape[3])
        for band in found:
            features[:, band.top : band.bottom] = band.inner(self.features(before(band.rows)))
        self.context.add_to(features)
        for top, bottom in spans(height, width, self.pad_unit, tokens):
            yield top, features[:, top:bottom]


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
