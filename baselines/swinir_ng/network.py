"""SwinIR-NG (Choi et al., CVPR 2023): SwinIR-Light with an n-gram context of neighbouring windows."""

from torch import nn

from hitsr.baselines.swinir_light.network import SwinIRLight
from hitsr.networks.blocks.attention import AttentionInContext, WindowAttention
from hitsr.networks.blocks.ngram import NGramContext


class SwinIRNG(SwinIRLight):
    """SwinIR-Light that adds the context of each unshifted window to its pixels before it attends.

    Options as in `SwinIRLight`; official `drop_path` is 0. A map of one window is its own neighbour; the
    published code stops there (below 9 pixels).
    """

    def __init__(self, scale: int, *, drop_path: float = 0.0, **options):
        super().__init__(scale, drop_path=drop_path, **options)

    @staticmethod
    def mixer(dim: int, heads: int, window: int, *, shift: int) -> nn.Module:
        context = NGramContext(dim, heads, window, shared=False)
        return AttentionInContext(context, WindowAttention(dim, heads, window, shift=shift))
