"""Paired differences between two methods of a run, over the same images."""

from dataclasses import dataclass

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.comparisons import of_axis
from hitsr.analysis.measurements import numbers
from hitsr.analysis.statistics import Comparison, compare, corrected
from hitsr.configuration.ablations import scales_of
from hitsr.errors import ResultError


@dataclass(frozen=True)
class Pair:
    """What is compared: a method with its base, at a scale, on a test set."""

    method: str
    base: str
    scale: int
    dataset: str


Found = tuple[Comparison, tuple[str, ...]]
"""A comparison and the measurement files that it comes from."""


def difference(table: pd.DataFrame, quantity: str, pair: Pair) -> tuple[Comparison | None, tuple[str, ...]]:
    """Compare two methods over the images that both were measured on; None if one was not, and the files.

    Raises:
        ResultError: they were measured on different images.
    """
    scores, files = [], []
    for method in (pair.method, pair.base):
        rows = numbers(table, quantity, method=method, scale=pair.scale, dataset=pair.dataset)
        scores.append(rows.assign(seed=rows.seed.fillna(0)).pivot(index="seed", columns="image", values="value"))
        files += list(rows.file.unique())
    if any(score.empty for score in scores):
        return None, ()
    # an image that one seed lacks is as bad as one that a method lacks
    images = [set(score.dropna(axis="columns").columns) for score in scores]
    lacking = sorted((set(scores[0].columns) | set(scores[1].columns)) - (images[0] & images[1]))
    if lacking:
        raise ResultError(
            f"{', '.join(dict.fromkeys(files))}: {quantity} of {pair.method} and {pair.base} on {pair.dataset} "
            f"x{pair.scale} is of different images ({lacking[0]} is not in all); delete these files and run again"
        )
    ours, theirs = (score[scores[0].columns].to_numpy(float) for score in scores)
    return compare(ours, theirs), tuple(dict.fromkeys(files))


def differences(table: pd.DataFrame, quantity: str, pairs: list[Pair]) -> dict[Pair, Found]:
    """All pairs that were measured, with p-values corrected for their number (Holm)."""
    measured: dict[Pair, Found] = {}
    for pair in pairs:
        comparison, files = difference(table, quantity, pair)
        if comparison is not None:
            measured[pair] = comparison, files
    fair = corrected([comparison for comparison, _ in measured.values()])
    return {pair: (comparison, measured[pair][1]) for pair, comparison in zip(measured, fair, strict=True)}


def pairs_of_axis(config: dict, axis: str) -> list[Pair]:
    """Each variant of an ablation against its base method, on every test set."""
    base, *variants = of_axis(config, axis)
    return [Pair(v, base, config["scales"][0], dataset) for v in variants for dataset in config["test_sets"]]


def pairs_with_bases(config: dict, methods: list[str]) -> list[Pair]:
    """Each of the methods against those that it is compared with, where the run has them."""
    return [
        Pair(method, base, scale, dataset)
        for method in methods
        for base in lineup.bases(config, method)
        for scale in scales_of(config, method)
        for dataset in config["test_sets"]
    ]
