"""The four operators that mix the tokens of windows, each by itself, with the closed form of its cost.

Window self-attention (W-SA, SwinIR), permuted self-attention (PSA, SRFormer), spatial and channel self-correlation
(S-SC, C-SC, HiT-SR), from queries, keys and values to mixed tokens. The multiply-adds of one window of L tokens and
C channels, M = min(L, 64) pooled tokens (HiT-SR, Section 3.3):

    W-SA   2 L^2 C          quadratic in the tokens of the window
    PSA    L^2 C / 2        quadratic, a quarter of the keys
    S-SC   L M C            linear once M is constant; half the channels are queries, half values
    C-SC   L C^2 / 2        linear
"""

from typing import Literal

import torch
from torch import Tensor, nn

from hitsr.networks.blocks.attention import attend, permuted_index
from hitsr.networks.blocks.correlation import channel_correlation, pool_cells, spatial_correlation
from hitsr.networks.blocks.windows import relative_index, to_windows
from hitsr.optimized.attention import attend as attend_optimized
from hitsr.optimized.correlation import channel_mixing, spatial_mixing
from hitsr.optimized.position import OptimizedPositionBias
from hitsr.optimized.windows import to_cells

Implementation = Literal["reference", "optimized"]
IMPLEMENTATIONS: tuple[Implementation, ...] = ("reference", "optimized")
"""As published (`hitsr.networks`), and as optimized (`hitsr.optimized`)."""
BASE_WINDOW = 8
"""Side of the pooled windows of S-SC (HiT-SR, Section 3.3)."""


class Operator(nn.Module):
    """Mixes the tokens of windows: features `(B, H, W, channels)` to mixed tokens `(B', L, ...)`.

    Args:
        dim: channels of the network around it.
        heads: attention heads.
        window: side of the windows.
    """

    def __init__(self, dim: int, heads: int, window: int):
        super().__init__()
        self.dim, self.heads, self.window = dim, heads, window
        self.implementation: Implementation = "optimized"

    def reference(self, x: Tensor) -> Tensor:
        """As published."""
        raise TypeError("an operator says what it computes")

    def optimized(self, x: Tensor) -> Tensor:
        """As optimized."""
        raise TypeError("an operator says what it computes")

    def forward(self, x: Tensor) -> Tensor:
        return self.reference(x) if self.implementation == "reference" else self.optimized(x)

    @property
    def channels(self) -> int:
        """Channels of the features: queries and values, and keys where they differ."""
        return self.dim

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        """Multiply-adds of one window by the closed form above."""
        raise TypeError("an operator says what it costs")

    def keep(self) -> None:
        """Compute what `optimized` keeps from one pass to the next, if there is such a thing."""


class WindowSelfAttention(Operator):
    """W-SA: every token attends to every token of its window."""

    def __init__(self, dim: int, heads: int, window: int):
        super().__init__(dim, heads, window)
        self.bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))

    @property
    def channels(self) -> int:
        return 3 * self.dim

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        return 2 * tokens**2 * dim

    def attend(self, x: Tensor, attend) -> Tensor:
        q, k, v = to_windows(x, self.window).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        bias = self.bias_table[relative_index(self.window, x.device)].permute(2, 0, 1)
        return attend(q, k, v, bias, None)

    def reference(self, x: Tensor) -> Tensor:
        return self.attend(x, attend)

    def optimized(self, x: Tensor) -> Tensor:
        return self.attend(x, attend_optimized)


class PermutedSelfAttention(WindowSelfAttention):
    """PSA: every token attends to a quarter as many keys, of 2x2 pixels each."""

    def __init__(self, dim: int, heads: int, window: int):
        Operator.__init__(self, dim, heads, window)
        self.bias_table = nn.Parameter(torch.zeros((window - 1) ** 2, heads))

    @property
    def channels(self) -> int:
        return self.dim + 2 * (self.dim // 4)

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        return tokens**2 * dim / 2

    def attend(self, x: Tensor, attend) -> Tensor:
        side = self.window // 2
        q, kv = to_windows(x, self.window).split([self.dim, 2 * (self.dim // 4)], dim=-1)
        kv = kv.unflatten(2, (2, -1)).unflatten(1, (side, 2, side, 2))
        k, v = kv.permute(5, 0, 1, 3, 2, 4, 6).flatten(4).flatten(2, 3).unflatten(3, (self.heads, -1)).transpose(2, 3)
        q = q.unflatten(2, (self.heads, -1)).transpose(1, 2)
        bias = self.bias_table[permuted_index(self.window, x.device)].permute(2, 0, 1)
        return attend(q, k, v, bias, None)


class SpatialSelfCorrelation(Operator):
    """S-SC with its pooling and its position bias, which is the same for all windows of the map."""

    def __init__(self, dim: int, heads: int, window: int):
        super().__init__(dim, heads, window)
        self.cell = window // min(window, BASE_WINDOW)
        self.pool = nn.Linear(self.cell**2, 1)
        self.position = OptimizedPositionBias(dim, heads)

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        return tokens * min(tokens, BASE_WINDOW**2) * dim

    def reference(self, x: Tensor) -> Tensor:
        query, value = to_windows(x, self.window).chunk(2, dim=-1)
        pooled = pool_cells(value, self.pool, self.window // self.cell, self.cell)
        bias = self.position(self.window, self.cell)
        return spatial_correlation(query, pooled, pooled, bias, self.heads)

    def optimized(self, x: Tensor) -> Tensor:
        tokens = to_cells(x, self.window, self.cell)
        half = self.dim // 2
        query = tokens[..., :half]
        pooled = (tokens[..., half:].unflatten(1, (-1, self.cell**2)) * self.pool.weight.view(-1, 1)).sum(2)
        pooled = pooled + self.pool.bias
        matrix, biased = spatial_mixing(pooled, pooled, self.position.by_cells(self.window, self.cell), self.heads)
        return query @ matrix if biased is None else torch.baddbmm(biased, query, matrix)

    def keep(self) -> None:
        if self.implementation == "optimized":
            self.position.by_cells(self.window, self.cell)


class ChannelSelfCorrelation(Operator):
    """C-SC with one head."""

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        return tokens * dim**2 / 2

    def reference(self, x: Tensor) -> Tensor:
        query, value = to_windows(x, self.window).chunk(2, dim=-1)
        return channel_correlation(query, value, value, 1)

    def optimized(self, x: Tensor) -> Tensor:
        query, value = to_windows(x, self.window).chunk(2, dim=-1)
        return value @ channel_mixing(query, value, 1)


OPERATORS = {
    "W-SA": WindowSelfAttention,
    "PSA": PermutedSelfAttention,
    "S-SC": SpatialSelfCorrelation,
    "C-SC": ChannelSelfCorrelation,
}


def build(name: str, dim: int, heads: int, window: int, implementation: Implementation) -> Operator:
    """One operator, ready to measure."""
    torch.manual_seed(0)
    operator = OPERATORS[name](dim, heads, window).eval()
    operator.implementation = implementation
    return operator
