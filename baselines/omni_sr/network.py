"""Omni-SR (Wang et al., "Omni aggregation networks for lightweight image super-resolution", CVPR 2023, Section 3):
attention among pixels and among channels, in blocks and across them."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.convolution import conv, direct_upsampler
from hitsr.baselines._parts.spatial_attention import SMALLEST, EnhancedSpatialAttention
from hitsr.baselines.omni_sr.attention import ChannelAttention, PixelAttention
from hitsr.baselines.omni_sr.layers import GatedFeedForward, PixelNorm, Residual, TokenNorm, local_convolutions
from hitsr.errors import OptionError
from hitsr.networks.blocks.checks import check_at_least, check_heads, check_image, check_scale
from hitsr.networks.blocks.memory_format import MemoryFormat
from hitsr.networks.blocks.padding import round_up


class OmniGroup(nn.Module):
    """Omni-scale aggregation group (OSAG): `(B, dim, H, W)` to the same."""

    def __init__(self, dim: int, heads: int, window: int):
        super().__init__()
        layers = [Residual(nn.Identity(), local_convolutions(dim))]
        for grid in (False, True):
            layers += [
                Residual(TokenNorm(dim), PixelAttention(dim, heads, window, grid)),
                Residual(PixelNorm(dim), GatedFeedForward(dim)),
                Residual(PixelNorm(dim), ChannelAttention(dim, heads, window, grid)),
                Residual(PixelNorm(dim), GatedFeedForward(dim)),
            ]
        self.layers = nn.Sequential(*layers)
        self.conv = conv(dim, dim, 1)
        self.attention = EnhancedSpatialAttention(dim, dim // 4, convolutions=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.conv(self.layers(x)) + x)


class OmniSR(nn.Module):
    """Omni-SR for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, 1] to `(B, 3, s H, s W)`, any H, W >= 1.

    Args:
        dim: channels of the features.
        groups: aggregation groups.
        heads: attention heads.
        window: side of the blocks; the image is padded with zeros to a multiple of it.
        rgb_range: black and white as the weights see them (official: -1 and 1).
    """

    image_range = 1.0

    def __init__(
        self, scale: int, *, dim: int = 64, groups: int = 5, heads: int = 4, window: int = 8,
        rgb_range: Sequence[float] = (-1, 1),
    ):  # fmt: skip
        super().__init__()
        check_scale(scale)
        check_heads(dim, heads)
        check_at_least("dim", dim, 4)
        check_at_least("groups", groups, 1)
        check_at_least("window", window, 1)
        if not isinstance(rgb_range, list | tuple) or len(rgb_range) != 2 or not rgb_range[0] < rgb_range[1]:
            raise OptionError(f"rgb_range: expected black and white, such as (-1, 1), found {rgb_range!r}")
        self.scale, self.window = scale, window
        self.black, self.white = rgb_range[0], rgb_range[1]
        self.groups = nn.Sequential(*(OmniGroup(dim, heads, window) for _ in range(groups)))
        self.memory_format = MemoryFormat()
        self.shallow = conv(3, dim)
        self.conv = conv(dim, dim)
        self.upsample = direct_upsampler(dim, scale)

    def forward(self, image: Tensor) -> Tensor:
        check_image(image, self.shallow.weight)
        height, width = image.shape[2:]
        below, right = (round_up(max(side, SMALLEST), self.window) - side for side in (height, width))
        x = F.pad(image * (self.white - self.black) + self.black, (0, right, 0, below))  # (B, 3, H', W')
        shallow = self.shallow(self.memory_format(x))  # (B, dim, H', W')
        y = self.upsample(self.conv(self.groups(shallow)) + shallow)[..., : self.scale * height, : self.scale * width]
        return (y - self.black) / (self.white - self.black)  # (B, 3, s H, s W)
