"""RFDN-L (Liu et al., "Residual feature distillation network for lightweight image super-resolution", ECCVW 2020,
Section 3): distillation by 1x1 convolutions beside shallow residual blocks.

The authors published the code of their challenge entry only, which has fewer channels and another attention. The
network of the paper is inferred: 6 blocks of 52 channels with contrast-aware attention of reduction 4, whose parameters
equal the printed ones at every scale, and the long skip of the paper's figure.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.contrast import ContrastAttention
from hitsr.baselines._parts.convolution import conv
from hitsr.baselines._parts.fused_chain import SLOPE, FusedChain
from hitsr.networks.blocks.checks import check_at_least


class DistillationStep(nn.Module):
    """Half the channels kept, all refined: `(B, dim, H, W)` to `(B, dim / 2, H, W)` and `(B, dim, H, W)`."""

    def __init__(self, dim: int):
        super().__init__()
        self.distil = conv(dim, dim // 2, 1)
        self.refine = conv(dim, dim)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return F.leaky_relu(self.distil(x), SLOPE), F.leaky_relu(self.refine(x) + x, SLOPE)


class ResidualDistillationBlock(nn.Module):
    """Residual feature distillation block (RFDB): `(B, dim, H, W)` to the same."""

    def __init__(self, dim: int, long_skip: bool):
        super().__init__()
        self.long_skip = long_skip
        self.steps = nn.ModuleList(DistillationStep(dim) for _ in range(3))
        self.last = conv(dim, dim // 2)
        self.fuse = conv(4 * (dim // 2), dim, 1)
        self.attention = ContrastAttention(dim, reduction=4)

    def forward(self, x: Tensor) -> Tensor:
        distilled, rest = [], x
        for step in self.steps:
            part, rest = step(rest)  # (B, dim / 2, H, W), (B, dim, H, W)
            distilled.append(part)
        distilled.append(F.leaky_relu(self.last(rest), SLOPE))
        y = self.attention(self.fuse(torch.cat(distilled, dim=1)))  # (B, dim, H, W)
        return y + x if self.long_skip else y


class RFDNL(FusedChain):
    """RFDN-L for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, 1] to `(B, 3, s H, s W)`, any H, W >= 1.

    Args:
        dim: channels of the features.
        blocks: distillation blocks.
        long_skip: each block adds its input, as in the paper's figure; the released code of the challenge does not.
    """

    image_range = 1.0

    def __init__(self, scale: int, *, dim: int = 52, blocks: int = 6, long_skip: bool = True):
        check_at_least("dim", dim, 4)
        check_at_least("blocks", blocks, 1)
        super().__init__(scale, dim, [ResidualDistillationBlock(dim, long_skip) for _ in range(blocks)])
