"""Norms, convolutions and feed-forward of Omni-SR, on maps `(B, dim, H, W)`."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.convolution import conv


class TokenNorm(nn.LayerNorm):
    """PyTorch's layer norm over the channels of each pixel of a map `(B, dim, H, W)`."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class PixelNorm(nn.Module):
    """The same by the network's own formula, with another epsilon."""

    def __init__(self, dim: int):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        centred = x - x.mean(dim=1, keepdim=True)
        deviation = (centred.square().mean(dim=1, keepdim=True) + 1e-6).sqrt()  # (B, 1, H, W)
        return centred / deviation * self.weight[:, None, None] + self.bias[:, None, None]


class Residual(nn.Module):
    """`x + function(norm(x))`."""

    def __init__(self, norm: nn.Module, function: nn.Module):
        super().__init__()
        self.norm, self.function = norm, function

    def forward(self, x: Tensor) -> Tensor:
        return x + self.function(self.norm(x))


class SqueezeExcitation(nn.Module):
    """Weigh each channel by the means of all: `(B, dim, H, W)` to the same."""

    def __init__(self, dim: int):
        super().__init__()
        hidden = dim // 4
        self.gate = nn.Sequential(
            nn.Linear(dim, hidden, bias=False), nn.SiLU(), nn.Linear(hidden, dim, bias=False), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(x.mean(dim=(2, 3)))[:, :, None, None]


def local_convolutions(dim: int) -> nn.Sequential:
    """Inverted bottleneck without expansion: `(B, dim, H, W)` to the same."""
    depthwise = conv(dim, dim, groups=dim)
    return nn.Sequential(
        conv(dim, dim, 1), nn.GELU(), depthwise, nn.GELU(), SqueezeExcitation(dim), conv(dim, dim, 1)
    )  # fmt: skip


class GatedFeedForward(nn.Module):
    """One half of the hidden channels opens and closes the other: `(B, dim, H, W)` to the same."""

    def __init__(self, dim: int):
        super().__init__()
        self.expand = conv(dim, 2 * dim, 1, bias=False)
        self.depthwise = conv(2 * dim, 2 * dim, groups=2 * dim, bias=False)
        self.reduce = conv(dim, dim, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, x = self.depthwise(self.expand(x)).chunk(2, dim=1)  # (B, dim, H, W) each
        return self.reduce(F.gelu(gate) * x)
