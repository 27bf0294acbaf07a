"""Padding at the bottom and at the right by periodic reflection, for maps of any size from 1x1 up.

Where the padding is smaller than the map this is PyTorch's `reflect`. Where it is not, PyTorch raises an
error and so does the published code; here the same rule goes on: line `i` of the padded map is line `i` of
the map reflected again and again with period `2 (n - 1)`, as `numpy.pad(mode="reflect")` does.
"""

import torch
from torch import Tensor


def round_up(size: int, unit: int) -> int:
    """The smallest multiple of `unit` that is at least `size`."""
    return (size + unit - 1) // unit * unit


def at_least(size: int, least: int) -> int:
    """The larger of both; `size` may be a symbol of an exported graph, or what a traced run has for it."""
    return torch.sym_max(size, least) if isinstance(size, torch.SymInt) else max(size, least)


def reflected(index: Tensor, size: int) -> Tensor:
    """Map any integer `index` into `[0, size)` by periodic whole-sample reflection."""
    last = size - 1
    # a tensor, since a size may be a symbol of an exported graph; the period of a single line would be 0
    period = torch.full_like(index, at_least(2 * last, 1))
    index = index % period
    return torch.minimum(index, 2 * last - index)


def pad_end(x: Tensor, dim: int, size: int) -> Tensor:
    """Lengthen dimension `dim` of `x` to `size` by periodic reflection at its end."""
    length = x.shape[dim]
    if isinstance(size, torch.SymInt):
        return x.index_select(dim, reflected(torch.arange(size, device=x.device), length))
    if size == length:
        return x
    tail = reflected(torch.arange(length, size, device=x.device), length)
    return torch.cat([x, x.index_select(dim, tail)], dim)


def pad_to_multiple(x: Tensor, unit: int) -> Tensor:
    """Pad a map `(B, H, W, C)` at the bottom and right so that H and W become multiples of `unit`."""
    height, width = x.shape[1:3]
    return pad_end(pad_end(x, 1, round_up(height, unit)), 2, round_up(width, unit))
