"""CARN (Ahn et al., "Fast, accurate, and lightweight super-resolution with cascading residual network", ECCV 2018,
Section 3): residual blocks in cascades, within blocks and between them. One network holds the upsamplers of all scales.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.colour import MeanShift
from hitsr.baselines._parts.convolution import conv, feature_upsampler
from hitsr.networks.blocks.checks import SCALES, check_at_least, check_image, check_scale
from hitsr.networks.blocks.memory_format import MemoryFormat


class ResidualBlock(nn.Module):
    """Two convolutions, the input added, and a ReLU after the addition: `(B, dim, H, W)` to the same."""

    def __init__(self, dim: int):
        super().__init__()
        self.body = nn.Sequential(conv(dim, dim), nn.ReLU(), conv(dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.body(x))


class Cascade(nn.Module):
    """Functions in sequence; what each takes is fused of the input and of all outputs before: `(B, dim, H, W)` to the
    same."""

    def __init__(self, dim: int, functions: Sequence[nn.Module]):
        super().__init__()
        self.functions = nn.ModuleList(functions)
        self.fusions = nn.ModuleList(
            nn.Sequential(conv((number + 2) * dim, dim, 1), nn.ReLU()) for number in range(len(functions))
        )

    def forward(self, x: Tensor) -> Tensor:
        collected = x
        for function, fusion in zip(self.functions, self.fusions, strict=True):
            collected = torch.cat([collected, function(x)], dim=1)  # (B, 2 dim, H, W), then 3 dim, ...
            x = fusion(collected)  # (B, dim, H, W)
        return x


class CARN(nn.Module):
    """CARN for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, 1] to `(B, 3, s H, s W)`, any H, W >= 1.

    The parameters are those of all three scales, as published; `scale` chooses the upsampler that is used.

    Args:
        dim: channels of the features.
        blocks: cascading blocks, and residual blocks in each.
    """

    image_range = 1.0

    def __init__(self, scale: int, *, dim: int = 64, blocks: int = 3):
        super().__init__()
        check_scale(scale)
        check_at_least("dim", dim, 1)
        check_at_least("blocks", blocks, 1)
        self.scale = scale
        self.sub_mean, self.add_mean = MeanShift(-1), MeanShift(1)
        self.memory_format = MemoryFormat()
        self.entry = conv(3, dim)
        self.cascade = Cascade(dim, [Cascade(dim, [ResidualBlock(dim) for _ in range(blocks)]) for _ in range(blocks)])
        self.upsample = nn.ModuleDict({f"up{s}": feature_upsampler(dim, s, activation=True) for s in SCALES})
        self.exit = conv(dim, 3)

    def forward(self, image: Tensor) -> Tensor:
        check_image(image, self.entry.weight)
        x = self.cascade(self.entry(self.memory_format(self.sub_mean(image))))  # (B, dim, H, W)
        x = self.upsample[f"up{self.scale}"](x)  # (B, dim, s H, s W)
        return self.add_mean(self.exit(x))  # (B, 3, s H, s W)
