"""Why something was not measured, in words for a reader of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hitsr.configuration import attributed, costed, timed_at_sizes, trained

if TYPE_CHECKING:
    import pandas as pd

WORDS = {
    "quality": "scores",
    "bicubic": "bicubic interpolation by the protocol of printed rows",
    "complexity": "parameters and multiply-adds",
    "latency": "latency",
    "resolutions": "latency at several sizes",
    "attention_cost": "the cost of attention",
    "training": "trainings",
    "attribution": "attribution",
    "leaks": "leaks",
}
"""What readers call the kinds of measurement."""


def unmeasured(table: pd.DataFrame, config: dict, kinds: tuple[str, ...]) -> list[str]:
    """Why there are no numbers of some kinds, a sentence each; empty if there are of every kind."""
    known = set(table.kind)
    return [f"No {WORDS[kind]}: {_reason(config, kind)}." for kind in kinds if kind not in known]


def _reason(config: dict, kind: str) -> str:
    if kind in ("quality", "bicubic", "attribution") and not config["test_sets"]:
        return "the run has no test set"
    if kind == "training" and not trained(config):
        return "the run trains no network, all bring their weights" if config["methods"] else "the run has no method"
    methods = {"complexity": costed, "latency": costed, "resolutions": timed_at_sizes, "attribution": attributed}
    if kind in methods and not methods[kind](config):
        return "the run has no network"
    return "it was not measured; the same snakemake command measures it"
