"""HiT-SRF: SRFormer-Light with hierarchical windows and spatial-channel correlation (HiT-SR, Section 3)."""

from hitsr.networks.blocks.feedforward import ConvFeedForward
from hitsr.networks.hit_sir import HiTSIR


class HiTSRF(HiTSIR):
    """HiT-SIR with SRFormer's convolutional feed-forward. Options as in `HiTSIR`."""

    feedforward = ConvFeedForward
