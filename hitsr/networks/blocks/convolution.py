"""Convolutions on channels-last maps `(B, H, W, C)`, with the parameters and the initialisation of `nn.Conv2d`."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Conv2d(nn.Conv2d):
    """A convolution with zero padding `kernel_size // 2` and stride 1: `(B, H, W, in)` to `(B, H, W, out)`."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, groups: int = 1):
        super().__init__(in_channels, out_channels, kernel_size, padding=kernel_size // 2, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class TrunkConv2d(Conv2d):
    """A convolution whose output every later layer adds to: it keeps its precision under autocast.

    Rounded to bfloat16, these few convolutions cost up to 0.13 dB on smooth images; all others together 0.02 dB.
    """

    def forward(self, x: Tensor) -> Tensor:
        device = x.device.type
        if not (torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)):
            return super().forward(x)
        with torch.autocast(device, enabled=False):
            return super().forward(x.to(self.weight.dtype))


class Conv1x1(nn.Conv2d):
    """A 1x1 convolution: on a channels-last map it is one matrix product over the channels."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight[:, :, 0, 0], self.bias)  # (B, H, W, out)
