"""Shifted windows cut out of a map, and added to it, where they lie: nothing is rolled."""

from collections.abc import Iterator

from torch import Tensor


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
    wrapped = shift > 0 and first + count * window == size
    whole = count - wrapped
    if whole:
        yield slice(0, whole), slice(0, window), slice(first + shift, first + shift + whole * window)
    if wrapped:
        yield slice(whole, count), slice(0, window - shift), slice(size - window + shift, size)
        yield slice(whole, count), slice(window - shift, window), slice(0, shift)
