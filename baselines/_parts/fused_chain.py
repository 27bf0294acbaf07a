"""The skeleton of IMDN, RFDN and HNCT: the outputs of a chain of blocks are fused.

shallow conv -> blocks -> 1x1 conv of all their outputs -> conv -> + skip -> pixel shuffle
"""

import re
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.convolution import conv, direct_upsampler
from hitsr.networks.blocks.checks import check_image, check_scale
from hitsr.networks.blocks.memory_format import MemoryFormat

SLOPE = 0.05
"""Of every LeakyReLU in these networks."""


class FusedChain(nn.Module):
    """`(B, 3, H, W)` to `(B, 3, s H, s W)`.

    Args:
        scale: 2, 3 or 4.
        dim: channels of the features.
        blocks: each from `(B, dim, H, W)` to the same.
    """

    def __init__(self, scale: int, dim: int, blocks: Sequence[nn.Module]):
        super().__init__()
        check_scale(scale)
        self.scale = scale
        self.memory_format = MemoryFormat()
        self.shallow = conv(3, dim)
        self.blocks = nn.ModuleList(blocks)
        self.fuse = conv(len(blocks) * dim, dim, 1)
        self.conv = conv(dim, dim)
        self.upsample = direct_upsampler(dim, scale)

    def forward(self, image: Tensor) -> Tensor:
        check_image(image, self.shallow.weight)
        x = shallow = self.shallow(self.memory_format(image))  # (B, dim, H, W)
        outputs = []
        for block in self.blocks:
            x = block(x)
            outputs.append(x)
        x = F.leaky_relu(self.fuse(torch.cat(outputs, dim=1)), SLOPE)  # (B, dim, H, W)
        return self.upsample(self.conv(x) + shallow)  # (B, 3, s H, s W)


def renames(block: str) -> list[tuple[str, str | Callable[[re.Match], str]]]:
    """From our names to those of the official files, which call the first block `block`1."""
    return [
        (r"^shallow\.", "fea_conv."),
        (r"^fuse\.", "c.0."),
        (r"^conv\.", "LR_conv."),
        (r"^upsample\.", "upsampler."),
        (r"^blocks\.(\d+)\.", lambda match: f"{block}{int(match[1]) + 1}."),
    ]
