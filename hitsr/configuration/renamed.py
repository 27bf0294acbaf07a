"""Names of a configuration that are others now: the old ones are taken for one release, and a note says the new one."""

import sys
from collections.abc import Mapping
from typing import Any

from hitsr.errors import ConfigError
from hitsr.schema.places import Located

KEYS = {
    "operators": "attention_cost",
    "latency.formulations": "latency.implementations",
    "latency.growth": "latency.resolutions",
}
"""New path of a key by its old one."""
CHOICES = {
    "latency.implementations": {"plain": "reference", "fast": "optimized"},
    "report.tables": {"operators": "attention_cost"},
    "report.figures": {"growth": "resolutions", "operators": "attention_cost"},
}
"""New names by old ones in the list at a path."""
_said: set[str] = set()


def with_new_names(raw: Any) -> Any:
    """What a user wrote, with the names that keys and choices have now.

    Raises:
        ConfigError: a key is given by both names.
    """
    return _section(raw, "") if isinstance(raw, Mapping) else raw


def _section(raw: Mapping, path: str) -> Mapping:
    found = Located({}, getattr(raw, "places", {}))
    for key, value in raw.items():
        old = f"{path}{key}"
        new = KEYS.get(old, old)
        if new != old:
            name = new.rpartition(".")[2]
            if name in raw:
                raise ConfigError(f"config.{old}: is called config.{new} now, and both are given; take this one out")
            _note(old, new)
            found.places[name] = found.places.pop(str(key), "")
            key = name
        if isinstance(value, Mapping) and any(known.startswith(f"{new}.") for known in (*KEYS, *CHOICES)):
            value = _section(value, f"{new}.")
        elif isinstance(value, list) and new in CHOICES:
            value = [_choice(new, name) for name in value]
        found[key] = value
    return found


def _choice(path: str, name: Any) -> Any:
    new = CHOICES[path].get(name, name) if isinstance(name, str) else name
    if new is not name:
        _note(f"{path}: {name}", f"{path}: {new}")
    return new


def _note(old: str, new: str) -> None:
    if old not in _said:
        _said.add(old)
        print(f"note: config.{old} is called {new} now; the old name goes with the next release", file=sys.stderr)
