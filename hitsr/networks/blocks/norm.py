"""Layer norms of the transformers."""

from torch import nn


class LayerNorm(nn.LayerNorm):
    """PyTorch's layer norm over the channels of tokens `(..., C)`, which a GPU has a faster form of."""
