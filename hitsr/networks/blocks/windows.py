"""Cutting maps into windows and putting them back, and the masks of shifted windows."""

import torch
from torch import Tensor

MASKED = -100.0
"""Added to the logit of two tokens that a cyclic shift has brought together (Swin Transformer)."""


def to_windows(x: Tensor, window: int) -> Tensor:
    """Cut a map `(B, H, W, C)` into tokens `(B', w * w, C)`, `B' = B * H/w * W/w`: both in row-major order."""
    batch, height, width, channels = x.shape
    x = x.view(batch, height // window, window, width // window, window, channels)  # (B, H / w, w, W / w, w, C)
    return x.transpose(2, 3).reshape(-1, window * window, channels)  # (B', w * w, C)


def from_windows(tokens: Tensor, window: int, height: int, width: int) -> Tensor:
    """Undo `to_windows`: tokens `(B', w * w, C)` to a map `(B, height, width, C)`."""
    x = tokens.view(-1, height // window, width // window, window, window, tokens.shape[-1])
    return x.transpose(2, 3).reshape(-1, height, width, tokens.shape[-1])  # (B, H, W, C)


def relative_index(window: int, device: torch.device | str | None = None) -> Tensor:
    """Row of the `((2w - 1)^2, heads)` bias table for each (query, key) pair of a window: `(w * w, w * w)` int64."""
    row, column = torch.meshgrid(*[torch.arange(window, device=device)] * 2, indexing="ij")
    row, column = row.flatten(), column.flatten()
    row_offset = row[:, None] - row[None, :] + window - 1
    return row_offset * (2 * window - 1) + column[:, None] - column[None, :] + window - 1


def shift_regions(height: int, width: int, window: int, shift: int) -> Tensor:
    """Number the 3x3 regions that a cyclic shift keeps apart: `(1, height, width, 1)` int64, `3 * row + column`."""

    def regions(size: int) -> Tensor:
        position = torch.arange(size)
        return (position >= size - window).long() + (position >= size - shift).long()

    return (3 * regions(height)[:, None] + regions(width)[None, :])[None, :, :, None]


def shift_mask(height: int, width: int, window: int, shift: int, reduction: int = 1) -> Tensor:
    """Logit mask of windows shifted by `shift`: 0 within a region, `MASKED` between regions.

    With `reduction` r the keys live on a map r times smaller per side, with windows and shift r times smaller
    (permuted self-attention).

    Returns:
        float32 `(windows of the map, w * w, (w / r)^2)`, on the CPU.
    """
    query = to_windows(shift_regions(height, width, window, shift), window).squeeze(-1)
    small = (size // reduction for size in (height, width, window, shift))
    key = to_windows(shift_regions(*small), window // reduction).squeeze(-1)
    return (query[:, :, None] != key[:, None, :]).float() * MASKED
