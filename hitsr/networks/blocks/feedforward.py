"""The token-wise half of a layer. Both variants take and return a map `(B, H, W, C)`, or tokens `(..., C)`."""

from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.networks.blocks.convolution import Conv2d
from hitsr.networks.blocks.formulation import Formulated
from hitsr.networks.blocks.linear import linear


class MLP(Formulated):
    """Linear, exact GELU, Linear (SwinIR, HiT-SIR, HiT-SNG)."""

    halo = 0
    """Rows above and below that a row depends on."""

    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.expand = nn.Linear(dim, hidden)
        self.reduce = nn.Linear(hidden, dim)

    def plain(self, x: Tensor) -> Tensor:
        return self.reduce(F.gelu(self.expand(x)))

    def fast(self, x: Tensor) -> Tensor:
        hidden = F.gelu(linear(x, self.expand.weight, self.expand.bias))
        return linear(hidden, self.reduce.weight, self.reduce.bias)


class ConvFeedForward(Formulated):
    """An MLP with a residual 5x5 depthwise convolution on its hidden map (SRFormer's ConvFFN, HiT-SRF)."""

    halo = 2

    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.expand = nn.Linear(dim, hidden)
        self.depthwise = Conv2d(hidden, hidden, 5, groups=hidden)
        self.reduce = nn.Linear(hidden, dim)

    def plain(self, x: Tensor) -> Tensor:
        x = F.gelu(self.expand(x))
        return self.reduce(x + F.gelu(self.depthwise(x)))

    def fast(self, x: Tensor) -> Tensor:
        hidden = F.gelu(linear(x, self.expand.weight, self.expand.bias))
        return linear(hidden + F.gelu(self.depthwise(hidden)), self.reduce.weight, self.reduce.bias)
