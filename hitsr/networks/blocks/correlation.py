"""Spatial-channel correlation, the mixer of the HiT networks (HiT-SR, Section 3.3), in two formulations.

There is no softmax between its products, so they may be re-associated. With `q`, `v` of a window of L tokens,
`p` the pooled `v` (M tokens), `B` the position bias and `d` channels per head:

    plain   S = (q p^T / d + B) p          C = (q^T v / L) v^T, transposed
    fast    S = q (p^T p) / d + B p        C = v (v^T q / L)

`plain` is what the published code computes and what complexity tables count. `fast` never makes the
correlation map of L x M entries, and equals it up to rounding. Values serve as keys; where keys are separate, they
take the place of the first `p` of S and of the first `v` of C.
"""

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.errors import OptionError
from hitsr.networks.blocks.bands import TokenWise, bands, in_bands, spans
from hitsr.networks.blocks.checks import check_at_least, check_choice, check_heads
from hitsr.networks.blocks.features import FeatureExtraction, Features
from hitsr.networks.blocks.formulation import Formulated
from hitsr.networks.blocks.linear import linear, products
from hitsr.networks.blocks.padding import pad_to_multiple, round_up
from hitsr.networks.blocks.position import DynamicPositionBias
from hitsr.networks.blocks.windows import from_cells, from_windows, to_cells, to_windows

FOLD_FROM = 256
"""Tokens of a window from which folding the projection into its matrices saves more than it costs."""
MULTIPLY_FROM = 16
"""Pixels of a cell from which pooling is faster as a matrix product."""

Correlation = Literal["both", "spatial", "channel"]
Keys = Literal["shared", "separate"]
Pooling = Literal["learned", "mean"]


def spatial_correlation(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, heads: int) -> Tensor:
    """S-SC as published: each token mixes the pooled tokens of its window, by a map that is not normalised.

    Args:
        query: `(B', L, C)`.
        key, value: pooled, `(B', M, C)`.
        bias: `(heads, L, M)`, or None.

    Returns:
        `(B', L, C)`. 2 L M C multiply-adds per window: linear in L where M is constant.
    """
    q, k, v = (part.unflatten(2, (heads, -1)).transpose(1, 2) for part in (query, key, value))
    correlation = q @ k.transpose(2, 3) / q.shape[-1]
    if bias is not None:
        correlation = correlation + bias
    return (correlation @ v).transpose(1, 2).flatten(2)


def channel_correlation(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    """C-SC as published: each channel mixes the channels of its head, by their correlation over the window.

    Args:
        query, key, value: `(B', L, C)`.

    Returns:
        `(B', L, C)`. 2 L C^2 / heads multiply-adds per window: linear in L.
    """
    q, k, v = (part.unflatten(2, (heads, -1)).permute(0, 2, 3, 1) for part in (query, key, value))
    correlation = q @ k.transpose(2, 3) / query.shape[1]
    return (correlation @ v).flatten(1, 2).transpose(1, 2)


def spatial_mixing(key: Tensor, value: Tensor, bias: Tensor | None, heads: int) -> tuple[Tensor, Tensor | None]:
    """S-SC re-associated, as `query @ matrix + biased`; arguments as of `spatial_correlation`.

    Returns:
        The matrix of each window, `(B', C, C)`, and what the bias adds, `(B', L, C)`, or None.
    """
    windows, head = value.shape[0], value.shape[2] // heads
    matrix = key.transpose(1, 2) @ value
    matrix = matrix * same_head(matrix, heads, 1 / head)
    if bias is None:
        return matrix, None
    # the bias is the same for all windows, so it is one product per head
    by_head = value.unflatten(2, (heads, head)).permute(2, 0, 3, 1).flatten(1, 2)
    biased = [
        linear(own_bias, values).unflatten(1, (windows, head)).transpose(0, 1)
        for own_bias, values in zip(bias, by_head, strict=True)
    ]
    return matrix, torch.cat(biased, dim=2)


def channel_mixing(query: Tensor, key: Tensor, heads: int) -> Tensor:
    """C-SC re-associated, as `value @ matrix`: the matrix of each window, `(B', C, C)`."""
    matrix = key.transpose(1, 2) @ query / query.shape[1]
    return matrix if heads == 1 else matrix * same_head(matrix, heads)


def same_head(like: Tensor, heads: int, factor: float = 1.0) -> Tensor:
    """`factor` where two of the channels of `like`, `(..., C)`, are of one head, 0 elsewhere: `(C, C)`."""
    head = like.shape[-1] // heads
    return torch.block_diag(*[like.new_full((head, head), factor)] * heads)


def pool_cells(tokens: Tensor, pool: nn.Module, side: int, cell: int) -> Tensor:
    """One weighted sum per cell of `cell` x `cell` pixels, the same for all channels: `(B', L, C)` to `(B', M, C)`."""
    cells = tokens.unflatten(1, (side, cell, side, cell)).permute(0, 1, 3, 5, 2, 4)
    return pool(cells.flatten(4)).flatten(1, 2).squeeze(-1)


class MeanPool(nn.Module):
    """The mean in place of the learned weights of `nn.Linear(size, 1)`."""

    def __init__(self, size: int):
        super().__init__()
        self.register_buffer("weight", torch.full((1, size), 1 / size), persistent=False)
        self.register_buffer("bias", torch.zeros(1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


class SpatialChannelCorrelation(Formulated):
    """Mix the tokens of `window` x `window` windows by spatial and channel correlation: `(B, H, W, dim)` to the same.

    Args:
        dim: channels; half as many are queries, and as many values.
        heads: heads of the spatial correlation.
        window: side of the windows, a multiple or a divisor of `base_window`.
        base_window: values are pooled to at most this many tokens per side.
        reduction: channel reduction of the spatial branch of the feature extraction.
        channel_heads: heads of the channel correlation.
        features: where queries and values come from.
        correlation: both correlations side by side, or one alone.
        position_bias: whether the spatial correlation has one.
        keys: "shared" with the values, or "separate".
        pooling: "learned" weights of the pixels of a cell, or their "mean".
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
        channel_heads: int = 1,
        features: Features = "dual",
        correlation: Correlation = "both",
        position_bias: bool = True,
        keys: Keys = "shared",
        pooling: Pooling = "learned",
        context: nn.Module | None = None,
        pad_windows: int = 1,
    ):
        super().__init__()
        check_heads(dim, heads, parts=2)
        check_heads(dim, channel_heads, parts=2, option="channel_heads")
        check_at_least("dim", dim, 16)
        check_choice("correlation", correlation, ("both", "spatial", "channel"))
        check_choice("position_bias", position_bias, (True, False))
        check_choice("keys", keys, ("shared", "separate"))
        check_choice("pooling", pooling, ("learned", "mean"))
        self.heads, self.channel_heads, self.window = heads, channel_heads, window
        self.spatial, self.channel = correlation != "channel", correlation != "spatial"
        self.shared_keys = keys == "shared"
        self.half = dim // 2
        self.cell = window // min(window, base_window)
        self.pad_unit = pad_windows * window
        self.features = FeatureExtraction(dim, self.half * (2 if self.shared_keys else 3), reduction, features)
        self.project = nn.Linear(self.half * (self.spatial + self.channel), dim)
        # in this order official files list them
        if self.spatial:
            self.pool = nn.Linear(self.cell**2, 1) if pooling == "learned" else MeanPool(self.cell**2)
        self.context = context
        self.position = DynamicPositionBias(dim, heads) if self.spatial and position_bias else None

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        features = self.features(pad_to_multiple(x, self.pad_unit))
        if self.context is not None:
            features = self.context(features)
        mix = self.plain if self.formulation == "plain" else self.fast
        return mix(features)[:, :height, :width]

    def plain(self, features: Tensor) -> Tensor:
        """By way of the correlation maps: features `(B, H, W, C)` to mixed `(B, H, W, dim)`."""
        query, value, key = self.parts(to_windows(features, self.window))
        mixed = []
        if self.spatial:
            side = self.window // self.cell
            pooled = pool_cells(value, self.pool, side, self.cell)
            pooled_key = pooled if self.shared_keys else pool_cells(key, self.pool, side, self.cell)
            bias = self.position.plain(self.window, self.cell) if self.position is not None else None
            mixed.append(spatial_correlation(query, pooled_key, pooled, bias, self.heads))
        if self.channel:
            mixed.append(channel_correlation(query, key, value, self.channel_heads))
        return self.project(from_windows(torch.cat(mixed, dim=-1), self.window, *features.shape[1:3]))

    def fast(self, features: Tensor) -> Tensor:
        """The same, re-associated: products of tokens with small matrices only, and the projection folded into them.

        The tokens of a window stand cell by cell, so that pooling needs no copy.
        """
        tokens = to_cells(features, self.window, self.cell)
        query, value, key = self.parts(tokens)
        matrices, biased = [], None
        if self.spatial:
            pooled, *pooled_key = self.pooled(tokens).split(self.half, dim=-1)
            bias = self.position.fast(self.window, self.cell) if self.position is not None else None
            matrix, biased = spatial_mixing(pooled_key[0] if pooled_key else pooled, pooled, bias, self.heads)
            matrices.append(matrix)
        if self.channel:
            matrices.append(channel_mixing(query, key, self.channel_heads))
        weight, bias = self.project.weight, self.project.bias
        if tokens.shape[1] < FOLD_FROM:
            mixed = []
            if self.spatial:
                mixed.append(query @ matrices[0] if biased is None else torch.baddbmm(biased, query, matrices[0]))
            if self.channel:
                mixed.append(value @ matrices[-1])
            mixed = linear(torch.cat(mixed, dim=-1), weight, bias)
        else:
            by_part = weight.split(self.half, dim=1)
            folded = torch.cat([matrix @ part.t() for matrix, part in zip(matrices, by_part, strict=True)], dim=1)
            # queries carry the spatial correlation, values the channel correlation
            mixing = tokens[..., 0 if self.spatial else self.half : 2 * self.half if self.channel else self.half]
            constant = bias if biased is None else linear(biased, by_part[0], bias)
            mixed = constant + products(mixing, folded)
        return from_cells(mixed, self.window, self.cell, *features.shape[1:3])

    def parts(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, values and keys `(B', L, dim / 2)` of tokens `(B', L, C)`."""
        query, value, *key = tokens.split(self.half, dim=-1)
        return query, value, (key[0] if key else value)

    def pooled(self, tokens: Tensor) -> Tensor:
        """Values, and keys if separate, pooled as by `pool_cells`: tokens `(B', L, C)` to `(B', M, C - dim / 2)`."""
        size = self.cell**2
        if size == 1:
            return tokens[..., self.half :] * self.pool.weight.squeeze() + self.pool.bias
        if size < MULTIPLY_FROM:
            cells = tokens[..., self.half :].unflatten(1, (-1, size))
            return (cells * self.pool.weight.view(-1, 1)).sum(dim=2) + self.pool.bias
        # pooling the queries too costs less than a copy of the values
        cells = self.pool.weight @ tokens.unflatten(1, (-1, size))
        return cells.squeeze(2)[..., self.half :] + self.pool.bias

    def add_to(self, x: Tensor, before: TokenWise, after: TokenWise, tokens: int) -> None:
        """`x += after(self(before(x)))` for a map `(1, H, W, dim)`, in place, about `tokens` pixels at a time."""
        height, width = x.shape[1:3]
        for top, features in self._features_in_bands(x, before, tokens):
            rows = features.shape[1]
            for left, right in spans(width, rows, self.window, tokens):
                mixed = after(self.fast(features[:, :, left : round_up(right, self.window)]))
                x[:, top : top + rows, left:right] += mixed[:, : height - top, : right - left]

    def band_room(self, height: int, width: int) -> tuple[int, int]:
        """Pixels of maps that `add_to` holds throughout, and pixels of the smallest part that it works on."""
        height, width = (round_up(size, self.pad_unit) for size in (height, width))
        return width * (3 * self.window if self.context is None else height + self.window), self.window**2

    def _features_in_bands(self, x: Tensor, before: TokenWise, tokens: int) -> Iterator[tuple[int, Tensor]]:
        """First row and features of each band of window rows; the features reach below the map to whole windows."""

        def features(rows: Tensor) -> Tensor:
            return self.features(before(rows))

        halo = self.features.halo
        if self.context is None:
            for band in bands(x, halo, tokens, unit=self.window, pad=self.pad_unit):
                yield band.top, band.inner(in_bands(band.rows, features, halo, tokens))
            return
        # a context reads the windows around, so all features are there before the first is mixed
        whole = in_bands(x, features, halo, tokens, pad=self.pad_unit)
        self.context.add_to(whole)
        for top, bottom in spans(x.shape[1], x.shape[2], self.window, tokens):
            yield top, whole[:, top : round_up(bottom, self.window)]


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
