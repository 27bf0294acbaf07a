"""Spatial-channel correlation re-associated: the correlation map of L x M entries is never made.

There is no softmax between its products. With `q`, `v` of a window of L tokens, `p` the pooled `v`, `B` the position
bias and `d` channels per head:

    reference   S = (q p^T / d + B) p          C = (q^T v / L) v^T, transposed
    here        S = q (p^T p) / d + B p        C = v (v^T q / L)

Separate keys take the place of the first `p` of S and of the first `v` of C.
"""

import torch
from torch import Tensor

from hitsr.networks.blocks.correlation import SpatialChannelCorrelation
from hitsr.optimized.linear import add_products, linear, products
from hitsr.optimized.position import OptimizedPositionBias
from hitsr.optimized.windows import from_cells, to_cells

FOLD_FROM = 256
"""Tokens of a window from which folding the projection into its matrices saves more than it costs."""
MULTIPLY_FROM = 16
"""Pixels of a cell from which pooling is faster as a matrix product."""


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
    # the bias is the same for all windows, so all are one product per head
    by_head = value.unflatten(2, (heads, head)).permute(2, 0, 3, 1).flatten(1, 2)  # (heads, B' d, M)
    biased = torch.bmm(by_head, bias.transpose(1, 2)).unflatten(1, (windows, head))  # (heads, B', d, L)
    return matrix, biased.transpose(0, 1).flatten(1, 2).transpose(1, 2)


def channel_mixing(query: Tensor, key: Tensor, heads: int) -> Tensor:
    """C-SC re-associated, as `value @ matrix`: the matrix of each window, `(B', C, C)`."""
    matrix = key.transpose(1, 2) @ query / query.shape[1]
    return matrix if heads == 1 else matrix * same_head(matrix, heads)


def same_head(like: Tensor, heads: int, factor: float = 1.0) -> Tensor:
    """`factor` where two of the channels of `like`, `(..., C)`, are of one head, 0 elsewhere: `(C, C)`."""
    head = like.shape[-1] // heads
    return torch.block_diag(*[like.new_full((head, head), factor)] * heads)


class OptimizedCorrelation(SpatialChannelCorrelation):
    """The same, re-associated."""

    position: OptimizedPositionBias | None

    def mix(self, features: Tensor) -> Tensor:
        """Products of tokens with small matrices only, and the projection folded into them.

        The tokens of a window stand cell by cell, so that pooling needs no copy.
        """
        bias = self.position.by_cells(self.window, self.cell) if self.position is not None else None
        mixed = self.mixed(to_cells(features, self.window, self.cell), bias)
        return from_cells(mixed, self.window, self.cell, *features.shape[1:3])

    def mixed(self, tokens: Tensor, bias: Tensor | None) -> Tensor:
        """The correlations of tokens `(B', L, C)`, projected: `(B', L, dim)`; `bias` as of `spatial_correlation`."""
        query, value, key = self.split(tokens)
        matrices, biased = [], None
        if self.spatial:
            pooled, *pooled_key = self.pooled(tokens).split(self.branch, dim=-1)
            matrix, biased = spatial_mixing(pooled_key[0] if pooled_key else pooled, pooled, bias, self.heads)
            matrices.append(matrix)
        if self.channel:
            matrices.append(channel_mixing(query, key, self.channel_heads))
        if tokens.shape[1] < FOLD_FROM:
            return self._by_parts(query, value, matrices, biased)
        return self._folded(tokens, matrices, biased)

    def _by_parts(self, query: Tensor, value: Tensor, matrices: list[Tensor], biased: Tensor | None) -> Tensor:
        """Each correlation by itself, then the projection: `(B', L, dim / 2)` to `(B', L, dim)`."""
        mixed = []
        if self.spatial:
            mixed.append(query @ matrices[0] if biased is None else torch.baddbmm(biased, query, matrices[0]))
        if self.channel:
            mixed.append(value @ matrices[-1])
        return linear(torch.cat(mixed, dim=-1), self.project.weight, self.project.bias)

    def _folded(self, tokens: Tensor, matrices: list[Tensor], biased: Tensor | None) -> Tensor:
        """One product with the matrices and the projection in one: tokens `(B', L, C)` to `(B', L, dim)`."""
        by_part = self.project.weight.split(self.branch, dim=1)
        folded = torch.cat([matrix @ part.t() for matrix, part in zip(matrices, by_part, strict=True)], dim=1)
        # queries carry the spatial correlation, values the channel correlation
        mixing = tokens[..., 0 if self.spatial else self.branch : 2 * self.branch if self.channel else self.branch]
        constant: Tensor = self.project.bias
        if biased is not None:
            # a product of its own layout, which a convolution would copy
            constant = torch.baddbmm(constant, biased, by_part[0].t().expand(len(biased), -1, -1))
        if torch.is_grad_enabled() or biased is None or not constant.dtype == mixing.dtype == folded.dtype:
            return products(mixing, folded) + constant
        return add_products(constant, mixing, folded)

    def pooled(self, tokens: Tensor) -> Tensor:
        """Values, and keys if separate, pooled as by `pool_cells`: tokens `(B', L, C)` to `(B', M, C - dim / 2)`."""
        size = self.cell**2
        if size == 1:
            return tokens[..., self.branch :] * self.pool.weight.squeeze() + self.pool.bias
        if size < MULTIPLY_FROM:
            cells = tokens[..., self.branch :].unflatten(1, (-1, size))
            return (cells * self.pool.weight.view(-1, 1)).sum(dim=2) + self.pool.bias
        # a product per cell, for which the weights of all are one: `@` copies the tokens for a weight with gradients;
        # sizes by their shape, as `len` would fix them in a graph of open sizes
        cells = tokens.unflatten(1, (-1, size)).flatten(0, 1)[..., self.branch :]
        pooled = self.pool.weight.expand(cells.shape[0], 1, size) @ cells
        return pooled.view(tokens.shape[0], -1, cells.shape[2]) + self.pool.bias
