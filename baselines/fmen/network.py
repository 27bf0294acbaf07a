"""FMEN (Du et al., "Fast and memory-efficient network towards efficient image super-resolution", CVPRW 2022,
Section 3) in the form for inference, in which every re-parameterised block is one 3x3 convolution.

The public code holds the configuration of the smaller FMEN-S only. That of FMEN is inferred here: 64 channels, 32 in
the attention, (3, 2, 2, 2, 2) blocks in it; its parameters and multiply-adds equal all six printed ones when cut to
the printed digit. Other settings do so too.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.convolution import conv, direct_upsampler
from hitsr.errors import OptionError
from hitsr.networks.blocks.checks import check_at_least, check_image, check_scale
from hitsr.networks.blocks.memory_format import MemoryFormat

SLOPE = 0.1
"""Of every LeakyReLU."""


def residual_block(dim: int) -> nn.Sequential:
    """Enhanced residual block (ERB), whose residuals are inside the re-parameterised convolutions."""
    return nn.Sequential(conv(dim, dim), nn.LeakyReLU(SLOPE), conv(dim, dim))


class HighFrequencyAttention(nn.Module):
    """High-frequency attention block (HFAB): weigh every value of the map, `(B, dim, H, W)` to the same.

    Args:
        inner: channels of the attention.
        blocks: residual blocks in it.
    """

    def __init__(self, dim: int, inner: int, blocks: int):
        super().__init__()
        self.squeeze = conv(dim, inner)
        self.blocks = nn.Sequential(*(residual_block(inner) for _ in range(blocks)))
        self.excite = conv(inner, dim)

    def forward(self, x: Tensor) -> Tensor:
        y = F.leaky_relu(self.squeeze(x), SLOPE)  # (B, inner, H, W)
        y = F.leaky_relu(self.blocks(y), SLOPE)
        return x * self.excite(y).sigmoid()  # (B, dim, H, W)


class FMEN(nn.Module):
    """FMEN for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, 255] to `(B, 3, s H, s W)`, any H, W >= 1.

    Args:
        dim: channels of the features (FMEN-S: 50).
        attention_dim: channels of the attention (FMEN-S: 16); the first has 4 fewer.
        attention_blocks: residual blocks in each attention: in the first, then in that after each residual block of
            the trunk (FMEN-S: (2, 1, 1, 1, 1)).
    """

    image_range = 255.0

    def __init__(
        self,
        scale: int,
        *,
        dim: int = 64,
        attention_dim: int = 32,
        attention_blocks: Sequence[int] = (3, 2, 2, 2, 2),
    ):
        super().__init__()
        check_scale(scale)
        check_at_least("dim", dim, 1)
        check_at_least("attention_dim", attention_dim, 5)
        if not isinstance(attention_blocks, list | tuple) or len(attention_blocks) < 2:
            raise OptionError(f"attention_blocks: expected a list of at least 2 numbers, found {attention_blocks!r}")
        for blocks in attention_blocks:
            check_at_least("attention_blocks", blocks, 0)
        first, *others = attention_blocks
        self.scale = scale
        self.memory_format = MemoryFormat()
        self.shallow = conv(3, dim)
        self.warm_up = nn.Sequential(conv(dim, dim), HighFrequencyAttention(dim, attention_dim - 4, first))
        self.residual = nn.ModuleList(residual_block(dim) for _ in others)
        self.attention = nn.ModuleList(HighFrequencyAttention(dim, attention_dim, blocks) for blocks in others)
        self.conv = conv(dim, dim)
        self.upsample = direct_upsampler(dim, scale)

    def forward(self, image: Tensor) -> Tensor:
        check_image(image, self.shallow.weight)
        shallow = self.shallow(self.memory_format(image))  # (B, dim, H, W)
        x = self.warm_up(shallow)
        for residual, attention in zip(self.residual, self.attention, strict=True):
            x = attention(residual(x))  # (B, dim, H, W)
        return self.upsample(self.conv(x) + shallow)  # (B, 3, s H, s W)
