"""SRFormer-Light (Zhou et al., ICCV 2023): permuted self-attention in shifted 16x16 windows."""

from torch import nn

from hitsr.baselines.swinir_light.network import SwinIRLight
from hitsr.networks.blocks.attention import PermutedAttention
from hitsr.networks.blocks.feedforward import ConvFeedForward


class SRFormerLight(SwinIRLight):
    """SwinIR-Light with permuted self-attention and a convolutional feed-forward. Options as in `SwinIRLight`."""

    feedforward = ConvFeedForward

    def __init__(self, scale: int, *, window: int = 16, **options):
        super().__init__(scale, window=window, **options)

    @staticmethod
    def mixer(dim: int, heads: int, window: int, *, shift: int) -> nn.Module:
        return PermutedAttention(dim, heads, window, shift=shift)
