"""Cutting maps into windows and putting them back, and the masks of shifted windows."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

MASKED = -100.0
"""Added to the logit of two tokens that a cyclic shift has brought together (Swin Transformer)."""


def to_windows(x: Tensor, window: int) -> Tensor:
    """Cut a map `(B, H, W, C)` into tokens `(B * H/w * W/w, w * w, C)`: windows and tokens in row-major order."""
    batch, height, width, channels = x.shape
    x = x.view(batch, height // window, window, width // window, window, channels)
    return x.transpose(2, 3).reshape(-1, window * window, channels)


def from_windows(tokens: Tensor, window: int, height: int, width: int) -> Tensor:
    """Undo `to_windows`: tokens `(B', w * w, C)` to a map `(B, height, width, C)`."""
    x = tokens.view(-1, height // window, width // window, window, window, tokens.shape[-1])
    return x.transpose(2, 3).reshape(-1, height, width, tokens.shape[-1])


def to_cells(x: Tensor, window: int, cell: int) -> Tensor:
    """As `to_windows`, with the tokens of a window cell by cell of `cell` x `cell` pixels, row-major in each."""
    if cell == 1:
        return to_windows(x, window)
    batch, height, width, channels = x.shape
    side = window // cell
    x = x.view(batch, height // window, side, cell, width // window, side, cell, channels)
    return x.permute(0, 1, 4, 2, 5, 3, 6, 7).reshape(-1, window * window, channels)


def from_cells(tokens: Tensor, window: int, cell: int, height: int, width: int) -> Tensor:
    """Undo `to_cells`: tokens `(B', w * w, C)` to a map `(B, height, width, C)`."""
    if cell == 1:
        return from_windows(tokens, window, height, width)
    side, channels = window // cell, tokens.shape[-1]
    x = tokens.view(-1, height // window, width // window, side, side, cell, cell, channels)
    return x.permute(0, 1, 3, 5, 2, 4, 6, 7).reshape(-1, height, width, channels)


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


PUBLISHED_SIDE = 64
"""Published code keeps its masks for maps of this side, the patches it trains on."""


def published_mask(height: int, width: int, window: int, shift: int, reduction: int) -> Tensor | None:
    """The mask as published code comes by it: for a map of another size than 64x64 each layer of each pass builds
    one, shifted or not."""
    if (height, width) != (PUBLISHED_SIDE, PUBLISHED_SIDE):
        return shift_mask(height, width, window, shift, reduction)
    return _kept_mask(window, shift, reduction) if shift else None


@lru_cache(maxsize=8)
def _kept_mask(window: int, shift: int, reduction: int) -> Tensor:
    return shift_mask(PUBLISHED_SIDE, PUBLISHED_SIDE, window, shift, reduction)


@dataclass(frozen=True)
class ClosedWindows:
    """The windows that a shift has closed: those at the right and at the lower border, which hold both ends of the map.

    Attributes:
        numbers: of the closed windows among all windows, ascending.
        index: the same as int64 `(N,)`, on the device of the map.
        kinds: of each, int64 `(N,)`, there too: 1 closed at the right, 2 below, 3 both.
        masks: logit masks of the kinds, `(4, w * w, (w / r)^2)`, there too.
    """

    numbers: tuple[int, ...]
    index: Tensor
    kinds: Tensor
    masks: Tensor

    def of(self, part: slice) -> tuple[Tensor | None, Tensor | None]:
        """Numbers of the closed windows within a part of all windows, and the mask of each; None if all are open."""
        # found on the CPU, so that a GPU is not waited for
        first, last = (bisect_left(self.numbers, end) for end in (part.start, part.stop))
        if first == last:
            return None, None
        return self.index[first:last] - part.start, self.masks[self.kinds[first:last]]


# kept, because a copy to a GPU in every layer would make it wait
@lru_cache(maxsize=64)
def closed_windows(
    height: int, width: int, top: int, bottom: int, images: int, window: int, shift: int, reduction: int,
    device: torch.device,
) -> ClosedWindows:  # fmt: skip
    """The closed ones among the windows in rows `top` to `bottom` of `images` shifted maps."""
    masks = _masks_by_kind(window, shift, reduction, str(device))
    # what is kept must serve training too
    with torch.inference_mode(False):
        below = torch.arange(top, bottom, window) >= height - window
        right = torch.arange(0, width, window) >= width - window
        kinds = (2 * below.long()[:, None] + right.long()).flatten().repeat(images)
        index = kinds.nonzero().squeeze(1)
        return ClosedWindows(tuple(index.tolist()), index.to(device), kinds[index].to(device), masks)


@lru_cache(maxsize=8)
def _masks_by_kind(window: int, shift: int, reduction: int, device: str) -> Tensor:
    # a map of 2x2 windows has one of each kind
    with torch.inference_mode(False):
        return shift_mask(2 * window, 2 * window, window, shift, reduction).to(device)


def gather_windows(x: Tensor, top: int, bottom: int, window: int, shift: int) -> Tensor:
    """Windows in rows `top` to `bottom` of the map `(1, H, W, C)` rolled by `-shift`, in one copy: `(B', w * w, C)`."""
    columns = x.shape[2] // window
    tokens = x.new_empty((bottom - top) // window, columns, window, window, x.shape[3])
    for part, pixels in _overlaps(tokens, x, top, window, shift):
        part.copy_(pixels)
    return tokens.flatten(2, 3).flatten(0, 1)


def add_windows(x: Tensor, tokens: Tensor, top: int, bottom: int, window: int, shift: int) -> None:
    """Add to the map, in place, what `gather_windows` would take out of it: tokens `(B', w * w, C)`."""
    tokens = tokens.view((bottom - top) // window, x.shape[2] // window, window, window, x.shape[3])
    for part, pixels in _overlaps(tokens, x, top, window, shift):
        pixels.add_(part)


def _overlaps(tokens: Tensor, x: Tensor, top: int, window: int, shift: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Views of windows and of the pixels of the map that lie in them; both `(h, rows, w, columns, C)`."""
    tokens = tokens.transpose(1, 2)
    for row, inner_row, y in _pieces(top, tokens.shape[0], x.shape[1], window, shift):
        for column, inner_column, z in _pieces(0, tokens.shape[2], x.shape[2], window, shift):
            part = tokens[row, inner_row, column, inner_column]
            yield part, x[0, y, z].unflatten(1, (part.shape[2], -1)).unflatten(0, (part.shape[0], -1))


def _pieces(first: int, count: int, size: int, window: int, shift: int) -> Iterator[tuple[slice, slice, slice]]:
    """Along one side: windows, lines within each, and lines of the map, for `count` windows from line `first` on."""
    closed = shift > 0 and first + count * window == size
    opened = count - closed
    if opened:
        yield slice(0, opened), slice(0, window), slice(first + shift, first + shift + opened * window)
    if closed:
        yield slice(opened, count), slice(0, window - shift), slice(size - window + shift, size)
        yield slice(opened, count), slice(window - shift, window), slice(0, shift)
