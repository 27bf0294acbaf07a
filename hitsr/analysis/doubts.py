"""What a reader must know before trusting a number of a run: noisy timings, networks below interpolation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hitsr.analysis.measurements import number, numbers
from hitsr.configuration.ablations import all_methods
from hitsr.measure.metrics import chosen

if TYPE_CHECKING:
    import pandas as pd

NOISY = 0.25
"""Spread of rounds, from the 10th to the 90th percentile, over the median, beyond which a timing is called noisy."""
SHOWN = 3


def noisy(table: pd.DataFrame, config: dict) -> list[str]:
    """A sentence on timings whose rounds differ much; none if there are none."""
    found: dict[str, float] = {}
    width, height = config["latency"]["input"]
    columns = ["method", "scale", "implementation", "backend", "precision", "device"]
    rows = table[(table.kind == "latency") & (table.input == f"{width}x{height}")]
    for key, own in rows.groupby(columns, sort=False, dropna=False):
        values = dict(zip(own.quantity, own.value, strict=False))
        if {"latency_median", "latency_p10", "latency_p90"} <= values.keys():
            spread = (values["latency_p90"] - values["latency_p10"]) / values["latency_median"]
            if spread > NOISY:
                found[f"{key[0]} ×{key[1]} ({key[2]}, {key[3]})"] = spread
    if not found:
        return []
    worst = sorted(found, key=lambda name: -found[name])
    names = ", ".join(f"{name} {found[name]:.0%}" for name in worst[:SHOWN])
    more = f" and {len(worst) - SHOWN} more" if len(worst) > SHOWN else ""
    return [
        f"Noisy timing: between the 10th and the 90th percentile of its rounds lie more than {NOISY:.0%} of the median "
        f"for {names}{more}. Something else used the machine: time again on a quiet one before comparing networks."
    ]


def below_interpolation(table: pd.DataFrame, config: dict) -> list[str]:
    """A sentence on networks that score less than interpolation by the first metric; none if there are none."""
    metric, everything = chosen(config)[0], all_methods(config)
    plain = [name for name, entry in everything.items() if entry["interpolation"]]
    found = []
    for (dataset, scale), _ in numbers(table, metric.name).groupby(["dataset", "scale"], sort=False):
        where = {"dataset": dataset, "scale": scale}
        bases = [n for name in plain if (n := number(table, metric.name, method=name, **where))]
        if not bases:
            continue
        base = max(metric.sign * each.value for each in bases)
        for name, entry in everything.items():
            own = number(table, metric.name, method=name, **where) if not entry["interpolation"] else None
            if own is not None and metric.sign * own.value < base:
                values = [f"{value:{metric.form}}" for value in (own.value, metric.sign * base)]
                found.append(f"{name} on {dataset} ×{scale} ({values[0]}, not {values[1]})")
    if not found:
        return []
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return [
        f"Below interpolation by {metric.title}: {'; '.join(found[:SHOWN])}{more}. Such a network was trained too "
        "little, or something is wrong with it: nothing that it shows is about its architecture."
    ]
