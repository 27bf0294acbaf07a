"""Position bias of the spatial self-correlation: a small MLP from raw window offsets to one bias per head."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.networks.blocks.windows import relative_index


class DynamicPositionBias(nn.Module):
    """The MLP `2 -> c -> c -> c -> heads` with `c = dim // 16` (HiT-SR, Section 3.3; strictly sequential).

    Depends on parameters and window only, so in evaluation without gradients the pooled bias is computed once
    and kept until a parameter changes. On a GPU it is made anew: to find out whether one has changed would have the
    GPU waited for, in every layer.
    """

    def __init__(self, dim: int, heads: int):
        super().__init__()
        hidden = dim // 4 // 4
        self.embed = nn.Linear(2, hidden)
        self.blocks = nn.Sequential(
            *(nn.Sequential(nn.LayerNorm(hidden), nn.ReLU(), nn.Linear(hidden, out)) for out in (hidden, hidden, heads))
        )
        self._kept: tuple[tuple, Tensor, Tensor] | None = None

    def table(self, window: int) -> Tensor:
        """Bias of each offset (row offset outer, column offset inner): `(2w - 1, 2w - 1, heads)`."""
        weight = self.embed.weight
        offset = torch.arange(1 - window, window, device=weight.device, dtype=weight.dtype)
        offsets = torch.stack(torch.meshgrid(offset, offset, indexing="ij"), dim=-1)
        return self.blocks(self.embed(offsets.flatten(0, 1))).unflatten(0, (2 * window - 1, -1))

    def plain(self, window: int, cell: int) -> Tensor:
        """As published: gather the bias of all `w^2 x w^2` pairs, then average over the keys of each cell.

        Returns:
            `(heads, w * w, (w / cell)^2)`.
        """
        bias = self.table(window).flatten(0, 1)[relative_index(window, self.embed.weight.device)]
        side = window // cell
        return bias.unflatten(1, (side, cell, side, cell)).mean((2, 4)).flatten(1, 2).permute(2, 0, 1)

    def fast(self, window: int, cell: int) -> Tensor:
        """The same, averaged before it is gathered: the mean over a cell commutes with the gather.

        Queries stand cell by cell (`to_cells`).
        """
        if torch.is_grad_enabled() or self.training or self.embed.weight.is_cuda:
            self._kept = None
            return self._averaged_first(window, cell)
        values = self._values()
        device = values.device
        autocast = torch.is_autocast_enabled(device.type) and torch.get_autocast_dtype(device.type)
        key = (window, cell, device, values.dtype, autocast)
        if self._kept is None or self._kept[0] != key or not self._unchanged(values):
            self._kept = (key, values, self._averaged_first(window, cell))
        return self._kept[2]

    def _averaged_first(self, window: int, cell: int) -> Tensor:
        averaged = F.avg_pool2d(self.table(window).permute(2, 0, 1), cell, stride=1)
        query = torch.arange(window, device=averaged.device)
        key = torch.arange(0, window, cell, device=averaged.device)
        # offset of query i to the far end of the cell at k: the average starts there and covers the cell
        offset = query[:, None] - key[None, :] + window - cell
        offset = offset.unflatten(0, (-1, cell))
        rows, columns = offset[:, None, :, None, :, None], offset[None, :, None, :, None, :]
        return averaged[:, rows, columns].flatten(5, 6).flatten(1, 4)

    def _values(self) -> Tensor:
        """The parameters' values, some eighty numbers: what the kept bias depends on."""
        return torch.cat([parameter.detach().flatten() for parameter in self.parameters()])

    def _unchanged(self, values: Tensor) -> bool:
        return torch.equal(values, self._kept[1])
