"""How maps `(B, C, H, W)` of a convolutional network lie in memory."""

from torch import nn


class MemoryFormat(nn.Identity):
    """What a network's first convolution takes, `(B, C, H, W)` to the same: all later maps lie in memory as this one.

    Published code leaves it as it comes, channel by channel.
    """
