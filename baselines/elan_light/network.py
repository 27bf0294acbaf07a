"""ELAN-Light (Zhang et al., ECCV 2022): shift convolutions and group-wise multi-scale self-attention.

Its skeleton has no norms and shares attention maps between layers, so it keeps its own.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hitsr.baselines.elan_light.multiscale import MultiScaleAttention
from hitsr.baselines.elan_light.shift import LocalFeatures
from hitsr.errors import OptionError
from hitsr.networks.backbone import RGB_MEAN
from hitsr.networks.blocks.checks import check_at_least, check_image, check_scale
from hitsr.networks.blocks.convolution import Conv1x1, TrunkConv2d
from hitsr.networks.blocks.padding import pad_to_multiple
from hitsr.networks.blocks.upsample import PixelShuffleUpsampler


class MeanShift(Conv1x1):
    """Add the mean colour times `factor`, as the frozen 1x1 convolution that checkpoints hold."""

    def __init__(self, factor: float):
        super().__init__(3, 3)
        self.weight = nn.Parameter(torch.eye(3)[:, :, None, None])
        self.bias = nn.Parameter(factor * torch.tensor(RGB_MEAN))
        self.requires_grad_(False)


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
    ):
        super().__init__()
        check_scale(scale)
        check_at_least("dim", dim, 5)
        check_at_least("blocks", blocks, 1)
        check_at_least("expansion", expansion, 1)
        if not isinstance(windows, list | tuple) or not windows or dim % len(windows):
            raise OptionError(f"windows: expected a list whose length divides dim={dim}, found {windows!r}")
        for window in windows:
            check_at_least("windows", window, 1)
        self.scale, self.image_range, self.pad = scale, rgb_range, math.lcm(*windows)
        self.sub_mean, self.add_mean = (MeanShift(sign * rgb_range) for sign in (-1, 1))
        self.head = TrunkConv2d(3, dim, 3)
        self.body = nn.Sequential(*(ELAB(dim, dim * expansion, windows, bool(i % 2)) for i in range(blocks)))
        self.upsample = PixelShuffleUpsampler(dim, scale)

    def forward(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)` to `(B, 3, s H, s W)`."""
        check_image(image, self.head.weight)
        height, width = image.shape[-2:]
        shallow = self.head(self.sub_mean(pad_to_multiple(image.permute(0, 2, 3, 1), self.pad)))
        y = self.upsample(self.body(shallow) + shallow)
        y = self.add_mean(y.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return y[..., : self.scale * height, : self.scale * width]
