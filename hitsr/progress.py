"""Progress bars: one line that moves in a terminal, a line now and then in a log."""

import sys
from collections.abc import Iterable

from tqdm import tqdm


def progress(iterable: Iterable | None = None, **settings) -> tqdm:
    """A tqdm bar on standard error; takes tqdm's own keywords, such as `desc`, `total`, `unit`."""
    if sys.stderr.isatty():
        return tqdm(iterable, **settings)
    return tqdm(iterable, mininterval=15, ascii=True, bar_format="{l_bar}{bar:20}{r_bar}\n", **settings)
