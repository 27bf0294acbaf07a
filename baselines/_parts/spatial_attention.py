"""Enhanced spatial attention (Liu et al., "Residual feature aggregation network for image super-resolution", CVPR 2020,
Section 3.3), in the forms that HNCT and Omni-SR have of it."""

from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.convolution import conv

SMALLEST = 15
"""Least height and width of the map: what a strided convolution and a 7x7 pooling leave a pixel of."""


class EnhancedSpatialAttention(nn.Module):
    """Weigh every value of the map by what a pooled map says of its place: `(B, dim, H, W)` to the same.

    Args:
        hidden: channels of the attention.
        convolutions: on the pooled map, with a ReLU between each two.
    """

    def __init__(self, dim: int, hidden: int, convolutions: int):
        super().__init__()
        # registered in the order of the official files
        self.reduce = conv(dim, hidden, 1)
        self.skip = conv(hidden, hidden, 1)
        self.first = nn.Sequential(*([conv(hidden, hidden), nn.ReLU()] if convolutions > 1 else []))
        self.stride = nn.Conv2d(hidden, hidden, 3, stride=2)
        between = [layer for _ in range(convolutions - 2) for layer in (conv(hidden, hidden), nn.ReLU())]
        self.others = nn.Sequential(*between, conv(hidden, hidden))
        self.expand = conv(hidden, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        reduced = self.reduce(x)  # (B, hidden, H, W)
        y = F.max_pool2d(self.stride(reduced), kernel_size=7, stride=3)  # (B, hidden, about H / 6, about W / 6)
        y = self.others(self.first(y))
        y = F.interpolate(y, x.shape[2:], mode="bilinear", align_corners=False)  # (B, hidden, H, W)
        return x * self.expand(y + self.skip(reduced)).sigmoid()
