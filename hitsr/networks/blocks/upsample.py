"""From features to the super-resolved image."""

from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.networks.blocks.convolution import TrunkConv2d


class PixelShuffleUpsampler(nn.Module):
    """One 3x3 convolution to `3 s^2` channels, then pixel shuffle ("pixelshuffledirect" of SwinIR).

    `(B, H, W, dim)` to an image `(B, 3, s H, s W)`.
    """

    def __init__(self, dim: int, scale: int):
        super().__init__()
        self.conv = TrunkConv2d(dim, 3 * scale**2, 3)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.conv(x).permute(0, 3, 1, 2), self.scale)
