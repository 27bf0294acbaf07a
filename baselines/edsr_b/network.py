"""EDSR-B, the baseline of EDSR (Lim et al., "Enhanced deep residual networks for single image super-resolution",
CVPRW 2017, Section 3): residual blocks without batch norm."""

from torch import Tensor, nn

from hitsr.baselines._parts.colour import MeanShift
from hitsr.baselines._parts.convolution import conv, feature_upsampler
from hitsr.networks.blocks.checks import check_at_least, check_image, check_scale
from hitsr.networks.blocks.memory_format import MemoryFormat


class ResidualBlock(nn.Module):
    """Convolution, ReLU, convolution, and the input added, without an activation after it."""

    def __init__(self, dim: int):
        super().__init__()
        self.body = nn.Sequential(conv(dim, dim), nn.ReLU(), conv(dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class EDSR(nn.Module):
    """EDSR for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, rgb_range] to `(B, 3, s H, s W)`, any H, W >= 1.

    Args:
        dim: channels of the features.
        blocks: residual blocks.
        rgb_range: white of the images that the weights expect (official: 255).
    """

    def __init__(self, scale: int, *, dim: int = 64, blocks: int = 16, rgb_range: float = 255):
        super().__init__()
        check_scale(scale)
        check_at_least("dim", dim, 1)
        check_at_least("blocks", blocks, 1)
        self.scale, self.image_range = scale, rgb_range
        self.sub_mean = MeanShift(-rgb_range)
        self.add_mean = MeanShift(rgb_range)
        self.memory_format: nn.Module = MemoryFormat()
        self.head = nn.Sequential(conv(3, dim))
        self.body = nn.Sequential(*(ResidualBlock(dim) for _ in range(blocks)), conv(dim, dim))
        self.tail = nn.Sequential(*self.upsampler(dim, scale))

    @staticmethod
    def upsampler(dim: int, scale: int) -> tuple[nn.Module, ...]:
        """From features to an image: they are super-resolved, then turned into colours."""
        return feature_upsampler(dim, scale), conv(dim, 3)

    def forward(self, image: Tensor) -> Tensor:
        check_image(image, self.sub_mean.weight)
        shallow = self.head(self.memory_format(self.sub_mean(image)))  # (B, dim, H, W)
        deep = self.body(shallow) + shallow  # (B, dim, H, W)
        return self.add_mean(self.tail(deep))  # (B, 3, s H, s W)
