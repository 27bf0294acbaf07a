"""LatticeNet (Luo et al., "LatticeNet: towards lightweight image super-resolution with lattice block", ECCV 2020,
Section 3): two residual blocks are combined crosswise, by coefficients that depend on the features."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.colour import MeanShift
from hitsr.baselines._parts.convolution import conv, direct_upsampler
from hitsr.errors import OptionError
from hitsr.networks.blocks.checks import check_at_least, check_image, check_scale

SLOPE = 0.05
"""Of every LeakyReLU."""


def gate(dim: int) -> nn.Sequential:
    """A weight in (0, 1) for each channel from a statistic of each: `(B, dim, 1, 1)` to the same."""
    return nn.Sequential(conv(dim, dim // 16, 1), nn.ReLU(), conv(dim // 16, dim, 1), nn.Sigmoid())


class Coefficient(nn.Module):
    """Combination coefficient of each channel, from its mean and standard deviation: `(B, dim, H, W)` to
    `(B, dim, 1, 1)`."""

    def __init__(self, dim: int):
        super().__init__()
        self.of_mean, self.of_deviation = gate(dim), gate(dim)

    def forward(self, x: Tensor) -> Tensor:
        mean = F.adaptive_avg_pool2d(x, 1)  # (B, dim, 1, 1)
        # divided by H W - 1, which a map of one pixel does not have
        several = x.shape[2] * x.shape[3] > 1
        deviation = x.std(dim=(2, 3), correction=1, keepdim=True) if several else torch.zeros_like(mean)
        return (self.of_mean(mean) + self.of_deviation(deviation)) / 2


def three_convolutions(dim: int, inner: int) -> nn.Sequential:
    """`(B, dim, H, W)` to the same by way of `inner` channels."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((dim, inner), (inner, inner), (inner, dim)):
        layers += [conv(inputs, outputs), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers)


class LatticeBlock(nn.Module):
    """Two butterflies: each adds to either of two maps the other one times a coefficient. `(B, dim, H, W)` to the
    same."""

    def __init__(self, dim: int, inner: int):
        super().__init__()
        self.first = three_convolutions(dim, inner)
        self.first_upper, self.first_lower = Coefficient(dim), Coefficient(dim)
        self.second = three_convolutions(dim, inner)
        self.second_upper, self.second_lower = Coefficient(dim), Coefficient(dim)
        self.compress = conv(2 * dim, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)  # (B, dim, H, W)
        upper, lower = x + self.first_upper(y) * y, y + self.first_lower(x) * x
        y = self.second(upper)
        upper, lower = y + self.second_upper(lower) * lower, lower + self.second_lower(y) * y
        return self.compress(torch.cat([upper, lower], dim=1))


class BackwardFusion(nn.Module):
    """Halve the channels of the features so far and of an earlier block, and join them: `(B, dim, H, W)`."""

    def __init__(self, dim: int):
        super().__init__()
        self.late = nn.Sequential(conv(dim, dim // 2, 1), nn.ReLU())
        self.early = nn.Sequential(conv(dim, dim // 2, 1), nn.ReLU())

    def forward(self, late: Tensor, early: Tensor) -> Tensor:
        return torch.cat([self.late(late), self.early(early)], dim=1)


class LatticeNet(nn.Module):
    """LatticeNet for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, rgb_range] to `(B, 3, s H, s W)`, any H, W >= 1.

    Args:
        dim: channels of the features, even and at least 18.
        rgb_range: white of the images (official: 255); the mean colours start from it and are trained like all else.
    """

    def __init__(self, scale: int, *, dim: int = 64, rgb_range: float = 255):
        super().__init__()
        check_scale(scale)
        check_at_least("dim", dim, 18)
        if dim % 2:
            raise OptionError(f"dim: expected an even number, found {dim}")
        self.scale, self.image_range = scale, rgb_range
        self.sub_mean = MeanShift(-rgb_range, trainable=True)
        self.shallow = nn.Sequential(conv(3, dim), conv(dim, dim))
        self.blocks = nn.ModuleList(LatticeBlock(dim, dim - 16) for _ in range(4))
        self.fusions = nn.ModuleList(BackwardFusion(dim) for _ in range(3))
        self.conv = conv(dim, dim)
        self.upsample = direct_upsampler(dim, scale)
        self.add_mean = MeanShift(rgb_range, trainable=True)

    def forward(self, image: Tensor) -> Tensor:
        check_image(image, self.sub_mean.weight)
        x = shallow = self.shallow(self.sub_mean(image))  # (B, dim, H, W)
        outputs = []
        for block in self.blocks:
            x = block(x)
            outputs.append(x)
        for fusion, early in zip(self.fusions, outputs[2::-1], strict=True):
            x = fusion(x, early)  # (B, dim, H, W)
        return self.add_mean(self.upsample(self.conv(x + shallow)))  # (B, 3, s H, s W)
