"""Feed-forwards with their products by oneDNN, their activations in place, and one kernel on a GPU around a depthwise
convolution.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from hitsr.networks.blocks.feedforward import MLP, ConvFeedForward
from hitsr.optimized.fused import fusible
from hitsr.optimized.linear import linear


def gelu(x: Tensor) -> Tensor:
    """`F.gelu(x)` in place of `x`, of the same shape, where no gradient asks for `x` again."""
    return F.gelu(x) if torch.is_grad_enabled() else torch.ops.aten.gelu_(x)


class OptimizedMLP(MLP):
    """The same by `linear`."""

    def forward(self, x: Tensor) -> Tensor:
        hidden = gelu(linear(x, self.expand.weight, self.expand.bias))
        return linear(hidden, self.reduce.weight, self.reduce.bias)


class OptimizedConvFeedForward(ConvFeedForward):
    """The same by `linear`."""

    def forward(self, x: Tensor) -> Tensor:
        hidden = gelu(linear(x, self.expand.weight, self.expand.bias))
        return linear(self._add_convolved(hidden), self.reduce.weight, self.reduce.bias)

    def _add_convolved(self, hidden: Tensor) -> Tensor:
        """`hidden + gelu(depthwise(hidden))` of a map `(B, H, W, hidden)`."""
        if not (fusible(hidden) and self.depthwise.bias is not None):
            return hidden + gelu(self.depthwise(hidden))
        from hitsr.optimized.kernels import add_convolved

        return add_convolved(hidden, self.depthwise.weight, self.depthwise.bias)
