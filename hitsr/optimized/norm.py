"""Layer norms that a GPU reads and writes once."""

import torch
from torch import Tensor

from hitsr.networks.blocks.norm import LayerNorm
from hitsr.optimized.fused import fusible

WIDEST = 1024
"""Most channels for which the kernel is known to be faster; the fewer, the more: PyTorch's takes a token at a time."""


class OptimizedLayerNorm(LayerNorm):
    """The same over few channels by one kernel; what is compiled has kernels of the compiler."""

    def forward(self, x: Tensor) -> Tensor:
        if torch.compiler.is_compiling() or not (fusible(x) and self._over_few_channels()):
            return super().forward(x)
        from hitsr.optimized.kernels import layer_norm

        # autocast computes norms in float32
        dtype = torch.float32 if torch.is_autocast_enabled("cuda") else x.dtype
        return layer_norm(x, self.weight, self.bias, self.eps, dtype)

    def _over_few_channels(self) -> bool:
        whole = self.weight is not None and self.bias is not None
        return whole and len(self.normalized_shape) == 1 and self.normalized_shape[0] <= WIDEST
