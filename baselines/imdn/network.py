"""IMDN (Hui et al., "Lightweight image super-resolution with information multi-distillation network", ACM MM 2019,
Section 3): each step of a block keeps a quarter of its channels and hands on the rest."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.contrast import ContrastAttention
from hitsr.baselines._parts.convolution import conv
from hitsr.baselines._parts.fused_chain import SLOPE, FusedChain
from hitsr.errors import OptionError
from hitsr.networks.blocks.checks import check_at_least


class DistillationBlock(nn.Module):
    """Information multi-distillation block (IMDB): `(B, dim, H, W)` to the same."""

    def __init__(self, dim: int):
        super().__init__()
        self.kept = dim // 4
        self.handed_on = dim - self.kept
        self.steps = nn.ModuleList([conv(dim, dim), conv(self.handed_on, dim), conv(self.handed_on, dim)])
        self.last = conv(self.handed_on, self.kept)
        self.fuse = conv(dim, dim, 1)
        self.attention = ContrastAttention(dim, reduction=16)

    def forward(self, x: Tensor) -> Tensor:
        distilled, rest = [], x
        for step in self.steps:
            y = F.leaky_relu(step(rest), SLOPE)  # (B, dim, H, W)
            kept, rest = y.split([self.kept, self.handed_on], dim=1)
            distilled.append(kept)
        distilled.append(self.last(rest))  # (B, dim / 4, H, W) each
        return x + self.fuse(self.attention(torch.cat(distilled, dim=1)))


class IMDN(FusedChain):
    """IMDN for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, 1] to `(B, 3, s H, s W)`, any H, W >= 1.

    Args:
        dim: channels of the features, a multiple of 4 and at least 16.
        blocks: distillation blocks.
    """

    image_range = 1.0

    def __init__(self, scale: int, *, dim: int = 64, blocks: int = 6):
        check_at_least("dim", dim, 16)
        check_at_least("blocks", blocks, 1)
        if dim % 4:
            raise OptionError(f"dim: expected a multiple of 4, found {dim}")
        super().__init__(scale, dim, [DistillationBlock(dim) for _ in range(blocks)])
