"""Difference of a score over the same images, for each pair, scale and test set; corrected for their number."""

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.differences import Pair, differences
from hitsr.analysis.evidence.base import Evidence, Result, concluded
from hitsr.analysis.statistics import LEVEL
from hitsr.configuration.ablations import all_methods
from hitsr.measure.metrics import declared_metrics


def paired(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """Difference of the first method of each pair from the second.

    A base that the run trains by its own recipe and by ours is compared with twice.
    """
    evidence = Evidence()
    sets = [claim["where"]["dataset"]] if "dataset" in claim["where"] else config["test_sets"]
    pairs = [
        (ours, name)
        for ours, theirs in claim["pairs"]
        for name in (theirs, control(config, ours, theirs))
        if name is not None
    ]
    wanted = [Pair(*pair, scale, name) for pair in pairs for scale in config["scales"] for name in sets]
    found = differences(table, claim["quantity"], wanted)
    for ours, theirs in pairs:
        known = any((pair.method, pair.base) == (ours, theirs) for pair in found)
        (evidence.methods if known else evidence.unmeasured).extend([ours, theirs])
    metric = declared_metrics(config["plugins"]).get(claim["quantity"])
    sign = metric.declaration.sign if metric else 1
    digits = metric.declaration.digits + 1 if metric else 3
    holds, reasons = [], []
    for pair, (c, files) in found.items():
        said = f"{pair.method} − {pair.base}, {pair.dataset} ×{pair.scale}: {c.difference:+.{digits}f}"
        interval = f"[{c.low:+.{digits}f}, {c.high:+.{digits}f}] ({LEVEL:.0%} over images)"
        evidence.results.append(Result(said, interval))
        holds.append(sign * c.difference > 0 if c.separated else None)
        reasons += [c.why_not] if c.why_not else []
        evidence.sources += files
        evidence.datasets[pair.dataset] = c.images
    if found:
        evidence.conditions = [*(f"{n} images of {name}" for name, n in evidence.datasets.items()), trainings(config)]
    why = "; ".join(dict.fromkeys(reasons))
    return concluded(evidence, claim, holds, f"the data do not separate the methods ({why})")


def trainings(config: dict) -> str:
    """How often each method was trained."""
    seeds = len(config["seeds"])
    return f"{seeds} training{'s' if seeds > 1 else ''} of each method"


def control(config: dict, ours: str, theirs: str) -> str | None:
    """The same-recipe control of a pair, if the run has the first method."""
    return lineup.control(config, ours, theirs) if ours in all_methods(config) else None
