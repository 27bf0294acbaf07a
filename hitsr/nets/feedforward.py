"""The token-wise half of a layer. Both variants take and return a map `(B, H, W, C)`."""

from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.nets.convolution import Conv2d


class MLP(nn.Module):
    """Linear, exact GELU, Linear (SwinIR, HiT-SIR, HiT-SNG)."""

    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.expand = nn.Linear(dim, hidden)
        self.reduce = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.reduce(F.gelu(self.expand(x)))


class ConvFeedForward(nn.Module):
    """An MLP with a residual 5x5 depthwise convolution on its hidden map (SRFormer's ConvFFN, HiT-SRF)."""

    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.expand = nn.Linear(dim, hidden)
        self.depthwise = Conv2d(hidden, hidden, 5, groups=hidden)
        self.reduce = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        x = F.gelu(self.expand(x))
        return self.reduce(x + F.gelu(self.depthwise(x)))
