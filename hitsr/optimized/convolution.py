"""1x1 convolutions by oneDNN."""

from torch import Tensor

from hitsr.networks.blocks.convolution import Conv1x1
from hitsr.optimized.linear import linear


class OptimizedConv1x1(Conv1x1):
    """The same product by `linear`."""

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, self.weight[:, :, 0, 0], self.bias)
