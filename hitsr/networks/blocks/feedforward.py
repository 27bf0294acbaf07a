"""The second half of a layer. Both variants take and return a map `(B, H, W, C)`, or tokens `(..., C)`."""

from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.networks.blocks.convolution import Conv2d


class MLP(nn.Module):
    """Linear, exact GELU, Linear (SwinIR, HiT-SIR, HiT-SNG)."""

    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.expand = nn.Linear(dim, hidden)
        self.reduce = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.reduce(F.gelu(self.expand(x)))  # (B, H, W, C)


class ConvFeedForward(nn.Module):
    """An MLP with a residual 5x5 depthwise convolution on its hidden map (SRFormer's ConvFFN, HiT-SRF)."""

    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.expand = nn.Linear(dim, hidden)
        self.depthwise = Conv2d(hidden, hidden, 5, groups=hidden)
        self.reduce = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.gelu(self.expand(x))  # (B, H, W, hidden)
        return self.reduce(hidden + F.gelu(self.depthwise(hidden)))  # (B, H, W, C)
