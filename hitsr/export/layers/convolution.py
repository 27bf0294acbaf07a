"""Convolutions in an exported graph."""

from torch import Tensor
from torch.nn import functional as F

from hitsr.networks.blocks.convolution import Conv1x1


class GraphConv1x1(Conv1x1):
    """One product with the weight as a matrix."""

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.flatten(1), self.bias)
