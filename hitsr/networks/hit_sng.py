"""HiT-SNG: SwinIR-NG with hierarchical windows and spatial-channel correlation (HiT-SR, Section 3)."""

from torch import nn

from hitsr.networks.blocks.checks import check_choice
from hitsr.networks.blocks.correlation import SpatialChannelCorrelation
from hitsr.networks.blocks.ngram import NGramContext
from hitsr.networks.hit_sir import HiTSIR


class HiTSNG(HiTSIR):
    """HiT-SIR with an n-gram context added to queries and values. Options as in `HiTSIR`.

    Each layer pads its map to whole n-grams, two windows per side, so that every window has a neighbour.
    """

    @staticmethod
    def mixer(dim: int, heads: int, window: int, **shape) -> nn.Module:
        # a context has the channels of the map: queries and values, no keys of their own
        check_choice("keys", shape["keys"], ("shared",))
        context = NGramContext(dim, heads, window, shared=True)
        return SpatialChannelCorrelation(dim, heads, window, context=context, pad_windows=2, **shape)
