"""Progress bars: one line that moves in a terminal, a line now and then in a log."""

import sys
from collections.abc import Iterable
from operator import length_hint

from tqdm import tqdm


def progress(iterable: Iterable | None = None, **settings) -> tqdm:
    """A tqdm bar on standard error, if there is anything to do; takes tqdm's own keywords, such as `desc`, `unit`."""
    if settings.get("total", length_hint(iterable, 1)) == 0:
        settings["disable"] = True
    if sys.stderr.isatty():
        return tqdm(iterable, **settings)
    return tqdm(iterable, mininterval=15, ascii=True, bar_format="{l_bar}{bar:20}{r_bar}\n", **settings)
