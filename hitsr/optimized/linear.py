"""Linear layers of many tokens, which PyTorch computes faster on a CPU when they are asked for as 1x1 convolutions."""

import torch
from torch import Tensor
from torch.nn import functional as F

FEWEST_TOKENS = 512
"""Below this many tokens a convolution takes longer to set up than it saves."""


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`F.linear` of tokens `(..., in)` to `(..., out)`, the same up to rounding.

    In float32 on a CPU it is a 1x1 convolution, which PyTorch gives to oneDNN; matrix products go to MKL, which is
    slower with thousands of tokens on an AMD processor. On one thread PyTorch gives oneDNN only strided convolutions:
    the stride here is along a side of one pixel and changes nothing.
    """
    tokens = x.shape[:-1].numel()
    if tokens < FEWEST_TOKENS or not _onednn(x):
        return F.linear(x, weight, bias)
    row = x.reshape(1, 1, tokens, x.shape[-1]).permute(0, 3, 1, 2)
    y = F.conv2d(row, weight[:, :, None, None], bias, stride=(2, 1))
    return y.permute(0, 2, 3, 1).reshape(*x.shape[:-1], weight.shape[0])


def products(tokens: Tensor, matrices: Tensor) -> Tensor:
    """`torch.bmm` of the tokens of windows `(B', L, in)` with a matrix of each window `(B', in, out)`."""
    if tokens.shape[1] < FEWEST_TOKENS or not _onednn(tokens):
        return torch.bmm(tokens, matrices)
    return torch.stack([linear(window, matrix.t()) for window, matrix in zip(tokens, matrices, strict=True)])


def add_products(x: Tensor, tokens: Tensor, matrices: Tensor) -> Tensor:
    """`x + products(tokens, matrices)` in place of `x`, `(B', L, out)`, without gradients."""
    if tokens.shape[1] < FEWEST_TOKENS or not _onednn(tokens):
        return x.baddbmm_(tokens, matrices)
    for own, window, matrix in zip(x, tokens, matrices, strict=True):
        own.add_(linear(window, matrix.t()))
    return x


def _onednn(x: Tensor) -> bool:
    return x.device.type == "cpu" and x.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
