"""SRPN-Lite (Zhang et al., "Learning efficient image super-resolution networks via structure-regularized pruning",
ICLR 2022): what pruning leaves of an EDSR of 16 blocks and 256 channels with a direct upsampler.

The pruner keeps 45 channels in every layer, so the pruned network is that EDSR with 45 channels.
"""

from torch import nn

from hitsr.baselines._parts.convolution import direct_upsampler
from hitsr.baselines.edsr_b.network import EDSR


class SRPNLite(EDSR):
    """SRPN-Lite for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, rgb_range] to `(B, 3, s H, s W)`, any H, W >= 1.

    Args:
        dim: channels of the features that pruning keeps.
        blocks: residual blocks.
        rgb_range: white of the images that the weights expect (official: 255).
    """

    def __init__(self, scale: int, *, dim: int = 45, blocks: int = 16, rgb_range: float = 255):
        super().__init__(scale, dim=dim, blocks=blocks, rgb_range=rgb_range)
        # 45 channels are no multiple of a vector: channels-last takes longer
        self.memory_format = nn.Identity()

    @staticmethod
    def upsampler(dim: int, scale: int) -> tuple[nn.Module, ...]:
        """From features to an image in one step."""
        return (direct_upsampler(dim, scale),)
