"""The position bias averaged before it is gathered, and kept while the weights are the same."""

import torch
from torch import Tensor
from torch.nn import functional as F

from hitsr.networks.blocks.position import DynamicPositionBias


class OptimizedPositionBias(DynamicPositionBias):
    """The mean over a cell commutes with the gather: the table is averaged first, then only pooled pairs are gathered.

    Depends on parameters and window only, so in evaluation without gradients the pooled bias is computed once
    and kept until a parameter changes. On a GPU it is made anew: to find out whether one has changed would have the
    GPU waited for, in every layer.
    """

    _kept: tuple[tuple, Tensor, Tensor] | None = None

    def by_cells(self, window: int, cell: int) -> Tensor:
        """As `forward`, with the queries cell by cell (`to_cells`): `(heads, w * w, (w / cell)^2)`."""
        if torch.is_grad_enabled() or self.training or self.embed.weight.is_cuda:
            self.forget()
            return self._averaged_first(window, cell)
        values = self._values()
        device = values.device
        autocast = torch.is_autocast_enabled(device.type) and torch.get_autocast_dtype(device.type)
        key = (window, cell, device, values.dtype, autocast)
        if self._kept is None or self._kept[0] != key or not torch.equal(values, self._kept[1]):
            self._kept = (key, values, self._averaged_first(window, cell))
        return self._kept[2]

    def forget(self) -> None:
        """Let go of the bias that is kept."""
        self._kept = None

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
