"""HiT-SRF: SRFormer-Light with hierarchical windows and spatial-channel correlation (HiT-SR, Section 3)."""

from hitsr.models.hit_sir import HiTSIR
from hitsr.nets.feedforward import ConvFeedForward


class HiTSRF(HiTSIR):
    """HiT-SIR with SRFormer's convolutional feed-forward. Options as in `HiTSIR`."""

    feedforward = ConvFeedForward
