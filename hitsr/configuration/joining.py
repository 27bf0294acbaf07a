"""One configuration of several: what a merged run reports."""

from collections.abc import Mapping, Sequence
from typing import Any

from hitsr.errors import ConfigError

LISTS = ("scales", "seeds", "test_sets", "metrics", "plugins")
MAPPINGS = ("datasets", "ablations", "variants")
EQUAL = (("complexity", "output"), ("latency", "input"))
"""Keys that say what a number of a table is of: a table has one of each."""


def joined(run: str, configs: Mapping[str, dict[str, Any]], renamed: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The complete configuration of a merged run: methods, data sets, tables and figures of all.

    Args:
        configs: complete configurations by label of their run; keys that only one run can decide are the first one's.
        renamed: new names of methods by old ones, by label.

    Raises:
        ConfigError: a key that must be equal is not.
    """
    labels = list(configs)
    first = configs[labels[0]]
    for section, key in EQUAL:
        for label in labels[1:]:
            own, other = first[section][key], configs[label][section][key]
            if own != other:
                raise ConfigError(
                    f"{section}.{key}: {own} in {labels[0]}, {other} in {label}: one table cannot have both; measure "
                    "one of them anew, or report them apart"
                )
    merged = {**first, "run": run}
    for key in LISTS:
        merged[key] = _union([configs[label][key] for label in labels])
    merged["seeds"].sort()
    merged["scales"].sort()
    for key in MAPPINGS:
        merged[key] = {name: entry for label in reversed(labels) for name, entry in configs[label][key].items()}
    merged["methods"] = {}
    for label in labels:
        names = renamed.get(label, {})
        for name, entry in configs[label]["methods"].items():
            based = {key: names.get(entry[key], entry[key]) for key in ("baseline", "retrains", "stands_for")}
            own = merged["methods"].setdefault(names.get(name, name), {**entry, **based})
            if name in names:
                # measurement files stay as they were
                own["measured_as"] = {**own.get("measured_as", {}), label: name}
    merged["report"] = dict(first["report"])
    for key in ("tables", "figures", "claims"):
        merged["report"][key] = _union([configs[label]["report"][key] for label in labels])
    return merged


def _union(lists: Sequence[list]) -> list:
    return list(dict.fromkeys(value for each in lists for value in each))
