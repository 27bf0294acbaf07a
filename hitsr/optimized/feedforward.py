"""Feed-forwards with their products by oneDNN."""

from torch import Tensor
from torch.nn import functional as F

from hitsr.networks.blocks.feedforward import MLP, ConvFeedForward
from hitsr.optimized.linear import linear


class OptimizedMLP(MLP):
    """The same by `linear`."""

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.gelu(linear(x, self.expand.weight, self.expand.bias))
        return linear(hidden, self.reduce.weight, self.reduce.bias)


class OptimizedConvFeedForward(ConvFeedForward):
    """The same by `linear`."""

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.gelu(linear(x, self.expand.weight, self.expand.bias))
        return linear(hidden + F.gelu(self.depthwise(hidden)), self.reduce.weight, self.reduce.bias)
