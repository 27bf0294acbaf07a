"""Spatial-channel correlation, the mixer of the HiT networks (HiT-SR, Section 3.3).

With queries `q` and values `v` of a window of L tokens, `p` the values pooled to M tokens, `B` the position bias and
`d` channels per head:

    spatial   S = (q p^T / d + B) p
    channel   C = (q^T v / L) v^T, transposed

Neither is normalised. Values serve as keys; where keys are separate, they take the place of the first `p` of S and of
the first `v` of C.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.errors import OptionError
from hitsr.networks.blocks.checks import check_at_least, check_choice, check_heads
from hitsr.networks.blocks.features import FeatureExtraction, Features
from hitsr.networks.blocks.padding import pad_to_multiple
from hitsr.networks.blocks.position import DynamicPositionBias
from hitsr.networks.blocks.windows import from_windows, to_windows

Correlation = Literal["both", "spatial", "channel"]
Keys = Literal["shared", "separate"]
Pooling = Literal["learned", "mean"]


def spatial_correlation(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, heads: int) -> Tensor:
    """S-SC: each token mixes the pooled tokens of its window, by a map that is not normalised.

    Args:
        query: `(B', L, C)`.
        key, value: pooled, `(B', M, C)`.
        bias: `(heads, L, M)`, or None.

    Returns:
        `(B', L, C)`. 2 L M C multiply-adds per window: linear in L where M is constant.
    """
    q, k, v = (part.unflatten(2, (heads, -1)).transpose(1, 2) for part in (query, key, value))  # (B', heads, _, d)
    correlation = q @ k.transpose(2, 3) / q.shape[-1]  # (B', heads, L, M)
    if bias is not None:
        correlation = correlation + bias  # (B', heads, L, M)
    return (correlation @ v).transpose(1, 2).flatten(2)  # (B', L, C)


def channel_correlation(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    """C-SC: each channel mixes the channels of its head, by their correlation over the window.

    Args:
        query, key, value: `(B', L, C)`.

    Returns:
        `(B', L, C)`. 2 L C^2 / heads multiply-adds per window: linear in L.
    """
    q, k, v = (part.unflatten(2, (heads, -1)).permute(0, 2, 3, 1) for part in (query, key, value))  # (B', heads, d, L)
    correlation = q @ k.transpose(2, 3) / query.shape[1]  # (B', heads, d, d)
    return (correlation @ v).flatten(1, 2).transpose(1, 2)  # (B', L, C)


def pool_cells(tokens: Tensor, pool: nn.Module, side: int, cell: int) -> Tensor:
    """One weighted sum per cell of `cell` x `cell` pixels, the same for all channels: `(B', L, C)` to `(B', M, C)`."""
    cells = tokens.unflatten(1, (side, cell, side, cell)).permute(0, 1, 3, 5, 2, 4)  # (B', side, side, C, cell, cell)
    return pool(cells.flatten(4)).flatten(1, 2).squeeze(-1)  # (B', M, C)


class MeanPool(nn.Module):
    """The mean in place of the learned weights of `nn.Linear(size, 1)`."""

    weight: Tensor
    bias: Tensor

    def __init__(self, size: int):
        super().__init__()
        self.register_buffer("weight", torch.full((1, size), 1 / size), persistent=False)
        self.register_buffer("bias", torch.zeros(1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


class SpatialChannelCorrelation(nn.Module):
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

    pool: nn.Linear | MeanPool

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
        self.branch = dim // 2
        self.cell = window // min(window, base_window)
        self.pad_unit = pad_windows * window
        self.features = FeatureExtraction(dim, self.branch * (2 if self.shared_keys else 3), reduction, features)
        self.project = nn.Linear(self.branch * (self.spatial + self.channel), dim)
        # in this order official files list them
        if self.spatial:
            self.pool = nn.Linear(self.cell**2, 1) if pooling == "learned" else MeanPool(self.cell**2)
        self.context = context
        self.position = DynamicPositionBias(dim, heads) if self.spatial and position_bias else None

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        features = self.features(pad_to_multiple(x, self.pad_unit))  # (B, H', W', C)
        if self.context is not None:
            features = self.context(features)  # (B, H', W', C)
        return self.mix(features)[:, :height, :width]  # (B, H, W, dim)

    def mix(self, features: Tensor) -> Tensor:
        """The correlations of features `(B, H, W, C)`, projected: `(B, H, W, dim)`."""
        query, value, key = self.split(to_windows(features, self.window))  # (B', L, dim / 2)
        mixed = []
        if self.spatial:
            side = self.window // self.cell
            pooled = pool_cells(value, self.pool, side, self.cell)  # (B', M, dim / 2)
            pooled_key = pooled if self.shared_keys else pool_cells(key, self.pool, side, self.cell)
            bias = self.position(self.window, self.cell) if self.position is not None else None  # (heads, L, M)
            mixed.append(spatial_correlation(query, pooled_key, pooled, bias, self.heads))
        if self.channel:
            mixed.append(channel_correlation(query, key, value, self.channel_heads))
        tokens = torch.cat(mixed, dim=-1)  # (B', L, dim)
        return self.project(from_windows(tokens, self.window, *features.shape[1:3]))

    def split(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, values and keys `(B', L, dim / 2)` of tokens `(B', L, C)`."""
        query, value, *key = tokens.split(self.branch, dim=-1)
        return query, value, (key[0] if key else value)


def check_windows(window_ratios: Sequence[float], base_window: int) -> list[int]:
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
