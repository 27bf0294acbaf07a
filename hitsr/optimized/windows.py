"""Windows cell by cell, and the windows of a shifted map that need a mask."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from hitsr.networks.blocks.windows import from_windows, shift_mask, to_windows


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


@dataclass(frozen=True)
class WrappedWindows:
    """Windows that a shift has wrapped around: those at the right and at the lower border hold both ends of the map.

    Attributes:
        rows, columns: of the windows of each map, or of a part of its rows.
        images: number of maps.
        at_bottom: whether the last row of windows is the last of its map.
        masks: logit masks by kind, `(4, w * w, (w / r)^2)`: 1 wrapped at the right, 2 below, 3 both.
    """

    rows: int
    columns: int
    images: int
    at_bottom: bool
    masks: Tensor

    def among(self, first: int, last: int) -> tuple[Tensor, Tensor] | None:
        """Numbers, from `first` on, of the wrapped ones among the windows `first` to `last`, and the mask of each."""
        found = _wrapped(self.rows, self.columns, self.images, self.at_bottom, first, last, self.masks.device)
        return found and (found[0], self.masks[found[1]])


def wrapped_windows(
    x: Tensor, window: int, shift: int, reduction: int, rows: tuple[int, int] | None = None
) -> WrappedWindows | None:
    """The wrapped windows of shifted maps `(B, H, W, C)`, or of their rows of pixels `rows`; None without a shift."""
    if not shift:
        return None
    images, height, width = x.shape[:3]
    top, bottom = rows or (0, height)
    masks = _masks_by_kind(window, shift, reduction, x.device)
    return WrappedWindows((bottom - top) // window, width // window, images, bottom == height, masks)


# both are kept, because a copy to a GPU in every layer would make it wait; what is kept must serve training too
@lru_cache(maxsize=256)
def _wrapped(
    rows: int, columns: int, images: int, at_bottom: bool, first: int, last: int, device: torch.device
) -> tuple[Tensor, Tensor] | None:
    """Numbers from `first` on, and kinds: `(N,)` int64 each."""
    kinds = {}
    for number in range(first, min(last, images * rows * columns)):
        row, column = divmod(number % (rows * columns), columns)
        kind = (column == columns - 1) + 2 * (at_bottom and row == rows - 1)
        if kind:
            kinds[number - first] = int(kind)
    if not kinds:
        return None
    with torch.inference_mode(False):
        return torch.tensor(list(kinds), device=device), torch.tensor(list(kinds.values()), device=device)


@lru_cache(maxsize=8)
def _masks_by_kind(window: int, shift: int, reduction: int, device: torch.device) -> Tensor:
    # a map of 2x2 windows has one of each kind
    with torch.inference_mode(False):
        return shift_mask(2 * window, 2 * window, window, shift, reduction).to(device)
