"""Where the queries and values of spatial-channel correlation come from (HiT-SR, Section 3.3)."""

from typing import Literal

from torch import Tensor, nn

from hitsr.networks.blocks.checks import check_at_least, check_choice
from hitsr.networks.blocks.convolution import Conv1x1, Conv2d

Features = Literal["dual", "sum", "linear", "convolution"]
FEATURES = ("dual", "sum", "linear", "convolution")
"""`dual` is the paper's; the others are its ablations."""


class FeatureExtraction(nn.Module):
    """A spatial branch (an hourglass with a 3x3), a channel branch, or both: `(B, H, W, dim)` to `(B, H, W, C)`.

    Args:
        dim: channels of the map.
        channels: channels C of the features: queries first, then values, then keys if they are separate.
        reduction: channels of the spatial branch are `dim / reduction` in its middle.
        kind: "dual", the spatial branch gates the channel branch; "sum", it is added; "linear" and "convolution", the
            channel and the spatial branch alone.
    """

    def __init__(self, dim: int, channels: int, reduction: int, kind: Features = "dual"):
        super().__init__()
        check_choice("features", kind, FEATURES)
        check_at_least("reduction", reduction, 1, most=dim)
        self.kind = kind
        if kind != "linear":
            hidden = dim // reduction
            self.spatial = nn.Sequential(
                Conv1x1(dim, hidden),
                nn.LeakyReLU(0.2),
                Conv2d(hidden, hidden, 3),
                nn.LeakyReLU(0.2),
                Conv1x1(hidden, channels),
            )
        if kind != "convolution":
            self.channel = Conv1x1(dim, channels)

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "linear":
            return self.channel(x)
        if self.kind == "convolution":
            return self.spatial(x)
        if self.kind == "sum":
            return self.spatial(x) + self.channel(x)
        return self.spatial(x) * self.channel(x)
