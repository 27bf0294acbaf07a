"""Working through a map a band of rows at a time, in place: the same result in bounded memory.

A tile of an image does not give the tile of the output: windows are anchored at the top left, maps are padded
by reflection at their far border, and layers with windows up to 64 follow each other. A *layer* does allow it:
its bands meet only in a few rows of halo. So each layer runs over the whole map before the next begins, and
overwrites the map as it goes. What is still needed of overwritten rows is copied before.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from hitsr.networks.blocks.padding import pad_end, reflected, round_up

TokenWise = Callable[[Tensor], Tensor]
"""A function of each pixel of a map by itself, such as a norm."""


def unchanged(x: Tensor) -> Tensor:
    """The token-wise function that does nothing."""
    return x


@dataclass(frozen=True)
class Band:
    """Rows `top` to `bottom` of a map `(1, H, W, C)`, with up to `halo` rows more at either side.

    Attributes:
        parts: views of the map and copies of a few rows, which make the band from its first row of halo on.
        above: rows of halo above; below the band there may be fewer or none at the border of the map.
        width: columns of the padded map.
    """

    top: int
    bottom: int
    parts: tuple[Tensor, ...]
    above: int
    width: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def rows(self) -> Tensor:
        """The rows with their halo, `(1, above + rows + below, W, C)`; a copy, made anew, unless it is one view."""
        first = self.parts[0]
        width = first.shape[2]
        if len(self.parts) == 1:
            return pad_end(first, 2, self.width)
        rows = first.new_empty(1, sum(part.shape[1] for part in self.parts), self.width, first.shape[3])
        torch.cat(self.parts, dim=1, out=rows[:, :, :width])
        if width < self.width:
            rows[:, :, width:] = rows[:, :, reflected(torch.arange(width, self.width, device=rows.device), width)]
        return rows

    def inner(self, x: Tensor) -> Tensor:
        """`x`, of the height of `rows`, without the halo."""
        return x[:, self.above : self.above + self.height]


def spans(height: int, width: int, unit: int, tokens: int) -> Iterator[tuple[int, int]]:
    """Cut `height` rows of `width` pixels into spans as equal as can be, of some multiple of `unit` rows.

    A span has at most `tokens` pixels, if `unit` rows do not have more.
    """
    units = math.ceil(height / unit)
    step = unit * math.ceil(units / math.ceil(units / max(1, tokens // (unit * width))))
    for top in range(0, height, step):
        yield top, min(top + step, height)


def bands(x: Tensor, halo: int, tokens: int, *, unit: int = 1, pad: int = 1) -> Iterator[Band]:
    """The bands of a map `(1, H, W, C)` from the top, each as it was before the bands above were overwritten.

    Args:
        halo: rows that a band needs of its neighbours.
        tokens: pixels of a band, as near as whole units allow.
        unit: a band has a multiple of this many rows.
        pad: the map is padded to multiples of this by periodic reflection, so the last bands may reach below it.
    """
    height, width = x.shape[1:3]
    padded_height, padded_width = round_up(height, pad), round_up(width, pad)
    # reflection at the far border reads rows that will be overwritten by then
    beyond = x[:, reflected(torch.arange(height, padded_height, device=x.device), height)]
    above = x[:, :0]
    for top, bottom in spans(padded_height, padded_width, unit, tokens):
        parts = (above, x[:, top : bottom + halo], beyond[:, max(0, top - height) : max(0, bottom + halo - height)])
        band = Band(top, bottom, tuple(part for part in parts if part.shape[1]), above.shape[1], padded_width)
        if halo:
            # of bands lower than the halo, rows of several
            own = (above, x[:, top:bottom], beyond[:, max(0, top - height) : max(0, bottom - height)])
            above = _last(torch.cat([_last(part, halo) for part in own], dim=1), halo)
        yield band


def _last(x: Tensor, rows: int) -> Tensor:
    """The last rows of a map `(B, H, W, C)`, at most `rows`."""
    return x[:, max(0, x.shape[1] - rows) :]


def add_in_bands(x: Tensor, update: Callable[[Tensor], Tensor], halo: int, tokens: int) -> None:
    """`x += update(x)` in place, where a row of the update depends on `halo` rows around it."""
    for band in bands(x, halo, tokens):
        x[:, band.top : band.bottom] += band.inner(update(band.rows))


def in_bands(x: Tensor, function: Callable[[Tensor], Tensor], halo: int, tokens: int, *, pad: int = 1) -> Tensor:
    """`function(x)`, padded to multiples of `pad` like `x`, where a row depends on `halo` rows around it.

    Returns:
        A map of its own, also of a function that changes nothing.
    """
    height, width = round_up(x.shape[1], pad), round_up(x.shape[2], pad)
    y = x.new_empty(0)
    for band in bands(x, halo, tokens, pad=pad):
        rows = band.inner(function(band.rows))
        if band.height == height and not _shares_memory(rows, x):
            return rows
        if band.top == 0:
            # only now is it known how many channels there are
            y = rows.new_empty(1, height, width, rows.shape[3])
        y[:, band.top : band.bottom] = rows
    return y


def _shares_memory(one: Tensor, other: Tensor) -> bool:
    return one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()
