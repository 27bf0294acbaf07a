"""Attention of Omni-SR among pixels and among channels, each within blocks of 8x8 pixels or across a grid of them."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.convolution import conv
from hitsr.networks.blocks.windows import relative_index


def to_parts(x: Tensor, rows: int, columns: int) -> Tensor:
    """Cut a map `(B, C, H, W)` into rows x columns equal parts: `(B, parts, pixels of a part, C)`."""
    x = x.unflatten(3, (columns, -1)).unflatten(2, (rows, -1))  # (B, C, rows, h, columns, w)
    return x.permute(0, 2, 4, 3, 5, 1).flatten(3, 4).flatten(1, 2)


def from_parts(x: Tensor, rows: int, columns: int, height: int, width: int) -> Tensor:
    """Undo `to_parts`: `(B, parts, pixels of a part, C)` to a map `(B, C, height, width)`."""
    x = x.reshape(x.shape[0], rows, columns, height // rows, width // columns, x.shape[3])
    return x.permute(0, 5, 1, 3, 2, 4).reshape(x.shape[0], x.shape[5], height, width)


class PixelAttention(nn.Module):
    """Multi-head self-attention of w x w pixels: `(B, dim, H, W)` to the same, H and W multiples of w.

    Args:
        window: w.
        grid: the pixels are those of one place in each of w x w parts of the map; else those of a block.
    """

    def __init__(self, dim: int, heads: int, window: int, grid: bool):
        super().__init__()
        self.heads, self.window, self.grid = heads, window, grid
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.project = nn.Linear(dim, dim, bias=False)
        self.bias_table = nn.Embedding((2 * window - 1) ** 2, heads)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        w = self.window
        parts = (w, w) if self.grid else (height // w, width // w)
        x = to_parts(x, *parts)
        x = x.transpose(1, 2) if self.grid else x  # (B, groups, w * w, dim)
        x = self.project(self.attend(*self.qkv(x).chunk(3, dim=3)))
        x = x.transpose(1, 2) if self.grid else x
        return from_parts(x, *parts, height, width)

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """`(B, groups, w * w, dim)` each, to the same."""
        # (B, groups, heads, w * w, d)
        q, k, v = (part.unflatten(3, (self.heads, -1)).transpose(2, 3) for part in (q, k, v))
        bias = self.bias_table(relative_index(self.window, q.device)).permute(2, 0, 1)  # (heads, w * w, w * w)
        attention = ((q * q.shape[4] ** -0.5) @ k.transpose(3, 4) + bias).softmax(dim=4)
        return (attention @ v).transpose(2, 3).flatten(3)


class ChannelAttention(nn.Module):
    """Self-attention of the channels of each head: `(B, dim, H, W)` to the same, H and W multiples of w.

    Args:
        window: w.
        grid: a channel is the vector of its values at one place in each block of w x w pixels; else of those within
            a block.
    """

    def __init__(self, dim: int, heads: int, window: int, grid: bool):
        super().__init__()
        self.heads, self.window, self.grid = heads, window, grid
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv = conv(dim, 3 * dim, 1, bias=False)
        self.depthwise = conv(3 * dim, 3 * dim, groups=3 * dim, bias=False)
        self.project = conv(dim, dim, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        parts = height // self.window, width // self.window
        x = to_parts(self.depthwise(self.qkv(x)), *parts)
        x = x.transpose(1, 2) if self.grid else x  # (B, groups, n, 3 dim)
        x = self.attend(*x.chunk(3, dim=3))
        x = x.transpose(1, 2) if self.grid else x
        return self.project(from_parts(x, *parts, height, width))

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """`(B, groups, n, dim)` each, to the same."""
        q, k, v = (
            part.unflatten(3, (self.heads, -1)).permute(0, 1, 3, 4, 2) for part in (q, k, v)
        )  # (..., heads, d, n)
        q, k = F.normalize(q, dim=4), F.normalize(k, dim=4)
        attention = (q @ k.transpose(3, 4) * self.temperature).softmax(dim=4)  # (B, groups, heads, d, d)
        return (attention @ v).permute(0, 1, 4, 2, 3).flatten(3)
