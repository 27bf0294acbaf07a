"""Parts of large maps, one after another, in an exported graph of a fixed size.

A map that is larger than the caches of a core goes to memory and back between any two operations; a part that is not
stays there through all of them. A function is traced for one part only, between marks where it begins and ends, which
`hitsr.export.loops` replaces.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TypeVar

from torch import Tensor

from hitsr.export.marks import marked

BEGIN, END = "BeginPart", "EndPart"
"""The marks."""
LOOP, COUNT = "loop", "count"
"""Their attributes: the number of their loop, and how many parts it has."""
WHOLE = 2**20
"""Numbers up to which a map stays whole: 4 MiB."""
PART = 2**19
"""Numbers of a part, at most, if it can be made so small: 2 MiB."""
SMALLEST = 2**16
"""Numbers of a part, at least: below, a loop costs more than it saves."""

Made = TypeVar("Made", Tensor, tuple[Tensor, ...])

_loops = itertools.count()
_cutting: ContextVar[bool] = ContextVar("cutting", default=False)


@contextlib.contextmanager
def cutting(wanted: bool = True) -> Iterator[None]:
    """Whether what is traced meanwhile is cut into parts; sizes are numbers then, no symbols."""
    token = _cutting.set(wanted)
    try:
        yield
    finally:
        _cutting.reset(token)


def in_parts(function: Callable[..., Made], units: int, numbers: int, *whole: Tensor) -> Made:
    """What `function` makes of tensors whose first dimension is a multiple of `units`, such as rows of windows.

    Args:
        function: what it makes of the first units are the first ones of what it makes of all.
        numbers: of the widest map that it makes, for each unit.
    """
    count = count_of_parts(units, numbers)
    if count == 1:
        return function(*whole)
    loop = {LOOP: new_loop(), COUNT: count}
    parts = [each.unflatten(0, (count, -1)) for each in whole]
    made = function(*(marked(BEGIN, each, each.shape[1:], **loop) for each in parts))
    if isinstance(made, Tensor):
        return _joined(made, loop)
    return tuple(_joined(each, loop) for each in made)


def new_loop() -> int:
    """A number that no loop has had."""
    return next(_loops)


def count_of_parts(units: int, numbers: int) -> int:
    """Into how many equal parts to cut `units` of `numbers` each; 1 where nothing is cut."""
    if not _cutting.get() or units * numbers <= WHOLE:
        return 1
    sizes = {count: units // count * numbers for count in range(1, units + 1) if units % count == 0}
    possible = [count for count, size in sizes.items() if size >= SMALLEST]
    return next((count for count in possible if sizes[count] <= PART), possible[-1])


def _joined(part: Tensor, loop: dict[str, int]) -> Tensor:
    return marked(END, part, (loop[COUNT], *part.shape), **loop).flatten(0, 1)
