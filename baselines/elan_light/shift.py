"""Shift convolution: neighbours without a learnt 3x3 kernel (ELAN, Section 3.2)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.networks.blocks.convolution import Conv1x1

TAPS = ((1, 2), (1, 0), (2, 1), (0, 1), (1, 1))
"""Row and column of the 3x3 tap that each fifth of the channels reads: right, left, below, above, itself."""


class ShiftConv(nn.Module):
    """Shift each fifth of the channels by one pixel, then a 1x1 convolution: `(B, H, W, in)` to `(B, H, W, out)`."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        taps = torch.zeros(in_channels, 1, 3, 3)
        for channel in range(in_channels):
            row, column = TAPS[min(channel // (in_channels // 5), 4)]
            taps[channel, 0, row, column] = 1
        self.taps = nn.Parameter(taps, requires_grad=False)
        self.conv = Conv1x1(in_channels, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        shifted = F.conv2d(x.permute(0, 3, 1, 2), self.taps, padding=1, groups=self.taps.shape[0])
        return self.conv(shifted.permute(0, 2, 3, 1))


class LocalFeatures(nn.Sequential):
    """Shift convolution, ReLU, shift convolution (the paper's LFE)."""

    def __init__(self, dim: int, hidden: int):
        super().__init__(ShiftConv(dim, hidden), nn.ReLU(), ShiftConv(hidden, dim))
