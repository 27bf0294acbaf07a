"""Position bias of the spatial self-correlation: a small MLP from window offsets to one bias per head."""

import torch
from torch import Tensor, nn

from hitsr.networks.blocks.windows import relative_index


class DynamicPositionBias(nn.Module):
    """The MLP `2 -> c -> c -> c -> heads` with `c = dim // 16` (HiT-SR, Section 3.3; strictly sequential)."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        hidden = dim // 4 // 4
        self.embed = nn.Linear(2, hidden)
        self.blocks = nn.Sequential(
            *(nn.Sequential(nn.LayerNorm(hidden), nn.ReLU(), nn.Linear(hidden, out)) for out in (hidden, hidden, heads))
        )

    def table(self, window: int) -> Tensor:
        """Bias of each offset in pixels (row offset outer, column offset inner): `(2w - 1, 2w - 1, heads)`."""
        weight = self.embed.weight
        offset = torch.arange(1 - window, window, device=weight.device, dtype=weight.dtype)
        offsets = torch.stack(torch.meshgrid(offset, offset, indexing="ij"), dim=-1)  # (2w - 1, 2w - 1, 2)
        return self.blocks(self.embed(offsets.flatten(0, 1))).unflatten(0, (2 * window - 1, -1))

    def forward(self, window: int, cell: int) -> Tensor:
        """The bias of all `w^2 x w^2` pairs, averaged over the keys of each cell: `(heads, w * w, (w / cell)^2)`."""
        table = self.table(window).flatten(0, 1)  # ((2w - 1)^2, heads)
        bias = table[relative_index(window, table.device)]  # (w * w, w * w, heads)
        side = window // cell
        cells = bias.unflatten(1, (side, cell, side, cell)).mean((2, 4))  # (w * w, w / cell, w / cell, heads)
        return cells.flatten(1, 2).permute(2, 0, 1)  # (heads, w * w, (w / cell)^2)
