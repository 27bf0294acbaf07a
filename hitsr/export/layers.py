"""Layers in the form that an exported graph has them: the re-associated algebra on whole maps, in few operations.

What depends on weights alone is stored as the small table that it is gathered from; a runtime gathers it once, when it
loads the graph. No operation depends on the values of a tensor, and none on a size, so that sizes may stay open.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from hitsr.export.once import Once, padded_to_multiple
from hitsr.networks.blocks.attention import PermutedAttention, ShiftedWindows, WindowAttention
from hitsr.networks.blocks.convolution import Conv1x1
from hitsr.networks.blocks.ngram import NGramAttention, ngrams
from hitsr.networks.blocks.position import DynamicPositionBias
from hitsr.networks.blocks.windows import from_windows, shift_mask, to_windows
from hitsr.optimized.correlation import FOLD_FROM, OptimizedCorrelation, channel_mixing, same_head
from hitsr.optimized.ngram import OptimizedNGramContext
from hitsr.optimized.position import OptimizedPositionBias
from hitsr.optimized.windows import from_cells, to_cells


def gathered(table: Tensor, offset: Tensor, keys: int) -> Tensor:
    """Bias of all pairs of a window from a table `(heads, offsets, offsets)`, gathered along one side at a time.

    Args:
        offset: row of the table, and column, for each query and key along a side: `(queries, keys)` int64.
        keys: of a side.

    Returns:
        `(heads, queries, queries, keys, keys)`: rows, then columns.
    """
    pairs = table.index_select(1, offset.flatten()).index_select(2, offset.flatten())
    return pairs.view(table.shape[0], -1, keys, offset.shape[0], keys).transpose(2, 3)


class GraphPositionBias(DynamicPositionBias):
    """The position bias gathered from a table that is averaged over cells before."""

    averaged: Tensor
    offset: Tensor

    @torch.no_grad()
    def average(self, window: int, cell: int) -> None:
        """Make the constants `averaged`, `(heads, offsets, offsets)`, and `offset`, for windows of `window` pixels."""
        averaged = F.avg_pool2d(self.table(window).permute(2, 0, 1), cell, stride=1)
        offset = torch.arange(window)[:, None] - torch.arange(0, window, cell)[None, :] + window - cell
        self.register_buffer("averaged", averaged.clone(), persistent=False)
        self.register_buffer("offset", offset, persistent=False)

    def by_cells(self, window: int, cell: int) -> Tensor:
        """As of `hitsr.optimized.position`: `(heads, w * w, (w / cell)^2)`, queries cell by cell."""
        side = window // cell
        pairs = gathered(self.averaged, self.offset, side)  # (heads, w, w, w / cell, w / cell)
        cells = pairs.unflatten(2, (side, cell)).unflatten(1, (side, cell))
        return cells.transpose(2, 3).flatten(5, 6).flatten(1, 4)


class GraphCorrelation(OptimizedCorrelation):
    """Spatial-channel correlation re-associated, with the bias of all heads in one product."""

    once: Once

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        features = self.features(padded_to_multiple(x, self.pad_unit, self.once))  # (B, H', W', C)
        context = self.context
        if context is not None and not isinstance(context, GraphNGramContext):
            features = context(features)
        tokens = to_cells(features, self.window, self.cell)  # (B', L, C)
        if isinstance(context, GraphNGramContext):
            # to each window once it is cut, which saves a copy of the map
            tokens = tokens + context.of_windows(features)[:, None]
        mixed = from_cells(self.mixed(tokens), self.window, self.cell, *features.shape[1:3])
        return mixed[:, :height, :width]  # (B, H, W, dim)

    def mixed(self, tokens: Tensor) -> Tensor:
        """The correlations of tokens `(B', L, C)`, projected: `(B', L, dim)`."""
        query, value, key = self.split(tokens)  # (B', L, dim / 2)
        matrices, biased = [], None
        if self.spatial:
            pooled, *pooled_key = self.pooled(tokens).split(self.branch, dim=-1)  # (B', M, dim / 2)
            matrix = (pooled_key[0] if pooled_key else pooled).transpose(1, 2) @ pooled
            matrices.append(matrix * same_head(matrix, self.heads, self.heads / self.branch))
            biased = None if self.position is None else self._biased(pooled, self.position)
        if self.channel:
            matrices.append(channel_mixing(query, key, self.channel_heads))
        if self.window**2 >= FOLD_FROM:
            return self._folded(tokens, matrices, biased)
        return self._by_parts(query, value, matrices, biased)

    def _by_parts(self, query: Tensor, value: Tensor, matrices: list[Tensor], biased: Tensor | None) -> Tensor:
        mixed = []
        if self.spatial:
            spatial = query @ matrices[0]
            mixed.append(spatial if biased is None else spatial + biased)
        if self.channel:
            mixed.append(value @ matrices[-1])
        return self.project(torch.cat(mixed, dim=-1))

    def _folded(self, tokens: Tensor, matrices: list[Tensor], biased: Tensor | None) -> Tensor:
        by_part = self.project.weight.split(self.branch, dim=1)
        folded = torch.cat([matrix @ part.t() for matrix, part in zip(matrices, by_part, strict=True)], dim=1)
        # queries carry the spatial correlation, values the channel correlation
        mixing = tokens[..., 0 if self.spatial else self.branch : 2 * self.branch if self.channel else self.branch]
        constant = self.project.bias if biased is None else F.linear(biased, by_part[0], self.project.bias)
        return mixing @ folded + constant

    def _biased(self, pooled: Tensor, position: OptimizedPositionBias) -> Tensor:
        """What the position bias makes of pooled values `(B', M, dim / 2)`: `(B', L, dim / 2)`."""
        by_head = pooled.unflatten(2, (self.heads, -1)).permute(2, 1, 0, 3)  # (heads, M, B', d)
        biased = position.by_cells(self.window, self.cell) @ by_head.flatten(2)  # (heads, L, B' d)
        return biased.unflatten(2, (-1, by_head.shape[3])).permute(2, 1, 0, 3).flatten(2)


class GraphWindows(ShiftedWindows):
    """Attention in windows of one map, with the mask of all windows made in the graph."""

    once: Once

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        if self.shift:
            x = x.roll((-self.shift, -self.shift), (1, 2))  # (1, H, W, dim)
        q, k, v = self.queries_keys_values(to_windows(x, self.window))  # (B', heads, _, d)
        logits = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3) + self.bias()  # (B', heads, L, M)
        if self.shift:
            mask = self.once(shift_mask, height, width, self.window, self.shift, self.reduction)  # (B', L, M)
            logits = logits + mask[:, None]
        mixed = (logits.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)  # (B', L, dim)
        x = from_windows(self.project(mixed), self.window, height, width)
        return x.roll((self.shift, self.shift), (1, 2)) if self.shift else x

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


class GraphNGramContext(OptimizedNGramContext):
    """The context added to the tokens of each window.

    Added to a map by broadcasting in five dimensions, OpenVINO 2026.4 gave other numbers with every run.
    """

    once: Once

    def forward(self, x: Tensor) -> Tensor:
        tokens = to_windows(x, self.window) + self.of_windows(x)[:, None]  # (B', L, dim)
        return from_windows(tokens, self.window, *x.shape[1:3])

    def of_windows(self, x: Tensor) -> Tensor:
        """The context of each window of a map `(B, H, W, dim)`: `(B', dim)`."""
        return self.context(self.embed(x)).flatten(0, 2)

    def numbers(self, height: int, width: int, device: torch.device) -> Tensor:
        return self.once(ngrams, height, width, device)

    def attend(self, grams: Tensor) -> Tensor:
        return self.attention(grams)


class GraphNGramAttention(NGramAttention):
    """Attention of an n-gram with its 16 biases as a constant."""

    pairs: Tensor

    @torch.no_grad()
    def gather(self) -> None:
        """Make the constant `pairs`, `(heads, 4, 4)`."""
        self.register_buffer("pairs", super().bias().contiguous(), persistent=False)

    def bias(self) -> Tensor:
        return self.pairs


class GraphConv1x1(Conv1x1):
    """One product with the weight as a matrix."""

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.flatten(1), self.bias)
