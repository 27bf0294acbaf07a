"""Attacks by kind: each module has a function `attacks` that gives those of its kind."""

import importlib
import pkgutil
from collections.abc import Iterator

from arena import Attack


def all_attacks() -> Iterator[Attack]:
    """Those of all modules of this package, by the name of the module."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        yield from importlib.import_module(f"{__name__}.{module.name}").attacks()
