"""ELAN-Light (Zhang et al., ECCV 2022): shift convolutions and group-wise multi-scale self-attention.

Its skeleton has no norms and shares attention maps between layers, so it keeps its own.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.errors import OptionError
from hitsr.nets.backbone import RGB_MEAN
from hitsr.nets.checks import check_at_least, check_choice, check_image, check_scale
from hitsr.nets.convolution import Conv1x1, Conv2d
from hitsr.nets.formulation import FORMULATIONS, Formulation
from hitsr.nets.padding import pad_to_multiple
from hitsr.nets.upsample import PixelShuffleUpsampler
from hitsr.nets.windows import from_windows, to_windows

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


class MultiScaleAttention(nn.Module):
    """Self-attention in windows of one size per group of channels (the paper's GMSA).

    Queries are their own keys. With `shared`, the maps of the layer before are used again and all channels are
    values. No scale, no bias, and no mask when shifted.
    """

    def __init__(self, dim: int, windows: Sequence[int], shift: bool, shared: bool):
        super().__init__()
        width = dim if shared else 2 * dim
        self.project_in = Conv1x1(dim, width)
        self.batch_norm = nn.BatchNorm2d(width)
        self.project_out = Conv1x1(dim, dim)
        self.windows, self.shift, self.shared = windows, shift, shared

    def forward(self, x: Tensor, maps: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """`(B, H, W, dim)` and the attention maps to share; H, W multiples of all windows."""
        x = self.batch_norm(self.project_in(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        parts, computed = [], []
        for number, (part, window) in enumerate(zip(x.chunk(len(self.windows), dim=-1), self.windows, strict=True)):
            offset = window // 2 if self.shift else 0
            tokens = to_windows(part.roll((-offset, -offset), (1, 2)), window)
            query, value = (None, tokens) if self.shared else tokens.chunk(2, dim=-1)
            attention = maps[number] if self.shared else (query @ query.transpose(1, 2)).softmax(dim=-1)
            computed.append(attention)
            mixed = from_windows(attention @ value, window, *part.shape[1:3])
            parts.append(mixed.roll((offset, offset), (1, 2)))
        return self.project_out(torch.cat(parts, dim=-1)), computed


class ELAB(nn.Module):
    """Two local and two attention residuals; the second attention shares the maps of the first."""

    def __init__(self, dim: int, hidden: int, windows: Sequence[int], shift: bool):
        super().__init__()
        self.local = nn.ModuleList(LocalFeatures(dim, hidden) for _ in range(2))
        self.attention = nn.ModuleList(MultiScaleAttention(dim, windows, shift, shared) for shared in (False, True))

    def forward(self, x: Tensor) -> Tensor:
        maps: list[Tensor] = []
        for local, attention in zip(self.local, self.attention, strict=True):
            x = x + local(x)
            mixed, maps = attention(x, maps)
            x = x + mixed
        return x


class ELANLight(nn.Module):
    """ELAN-Light for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, rgb_range] to `(B, 3, s H, s W)`, any H, W >= 1.

    Args:
        dim: channels of the features.
        blocks: number of ELABs; every second one shifts its windows.
        windows: window of each group of channels; the image is padded to their least common multiple.
        expansion: hidden channels of the shift convolutions, in `dim`.
        rgb_range: white of the images the weights expect (official: 255).
        formulation: both are the same here; the published code has nothing to re-associate.
    """

    def __init__(
        self,
        scale: int,
        *,
        dim: int = 60,
        blocks: int = 12,
        windows: Sequence[int] = (4, 8, 16),
        expansion: int = 2,
        rgb_range: float = 255,
        formulation: Formulation = "fast",
    ):
        super().__init__()
        check_scale(scale)
        check_choice("formulation", formulation, FORMULATIONS)
        check_at_least("dim", dim, 5)
        check_at_least("blocks", blocks, 1)
        check_at_least("expansion", expansion, 1)
        if not isinstance(windows, list | tuple) or not windows or dim % len(windows):
            raise OptionError(f"windows: expected a list whose length divides dim={dim}, found {windows!r}")
        for window in windows:
            check_at_least("windows", window, 1)
        self.scale, self.image_range, self.pad = scale, rgb_range, math.lcm(*windows)
        self.sub_mean, self.add_mean = (MeanShift(sign * rgb_range) for sign in (-1, 1))
        self.head = Conv2d(3, dim, 3)
        self.body = nn.Sequential(*(ELAB(dim, dim * expansion, windows, bool(i % 2)) for i in range(blocks)))
        self.upsample = PixelShuffleUpsampler(dim, scale)

    def forward(self, image: Tensor) -> Tensor:
        check_image(image, self.head.weight)
        height, width = image.shape[-2:]
        shallow = self.head(self.sub_mean(pad_to_multiple(image.permute(0, 2, 3, 1), self.pad)))
        y = self.upsample(self.body(shallow) + shallow)
        y = self.add_mean(y.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return y[..., : self.scale * height, : self.scale * width]


class MeanShift(Conv1x1):
    """Add the mean colour times `factor`, as the frozen 1x1 convolution that checkpoints hold."""

    def __init__(self, factor: float):
        super().__init__(3, 3)
        self.requires_grad_(False)
        self.weight.copy_(torch.eye(3)[:, :, None, None])
        self.bias.copy_(factor * torch.tensor(RGB_MEAN))
