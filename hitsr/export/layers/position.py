"""Position bias of windows, gathered from small tables."""

import torch
from torch import Tensor
from torch.nn import functional as F

from hitsr.networks.blocks.position import DynamicPositionBias


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
