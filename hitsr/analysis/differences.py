"""Paired differences between two methods of a run, over the same images."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.comparisons import of_axis
from hitsr.analysis.measurements import numbers
from hitsr.analysis.scores import Scores
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


Group = tuple[str, int, str]
"""Method, scale and data set."""


def grouped(table: pd.DataFrame, quantity: str) -> dict[Group, pd.DataFrame]:
    """The rows of a score by method, scale and data set."""
    rows = numbers(table, quantity)
    columns = ["method", "scale", "dataset"]
    return {(str(m), int(s), str(d)): of for (m, s, d), of in rows.groupby(columns, sort=False)}


def scores(rows: Mapping[Group, pd.DataFrame], pair: Pair) -> tuple[Scores | None, tuple[str, ...]]:
    """Scores of two methods over the images that both were measured on; None if one was not, and the files.

    Args:
        rows: of the score, as `grouped` gives them.

    Raises:
        ResultError: they were measured on different images.
    """
    found, files, quantity = [], [], ""
    for method in (pair.method, pair.base):
        own = rows.get((method, pair.scale, pair.dataset))
        if own is None:
            return None, ()
        found.append(own.assign(seed=own.seed.fillna(0)).pivot(index="seed", columns="image", values="value"))
        files += list(own.file.unique())
        quantity = str(own.quantity.iloc[0])
    # an image that one seed lacks is as bad as one that a method lacks
    images = [set(score.dropna(axis="columns").columns) for score in found]
    lacking = sorted((set(found[0].columns) | set(found[1].columns)) - (images[0] & images[1]))
    if lacking:
        raise ResultError(
            f"{', '.join(dict.fromkeys(files))}: {quantity} of {pair.method} and {pair.base} on {pair.dataset} "
            f"x{pair.scale} is of different images ({lacking[0]} is not in all); delete these files and run again"
        )
    ours, theirs = (score[found[0].columns].to_numpy(float) for score in found)
    return Scores(ours, theirs), tuple(dict.fromkeys(files))


def differences(table: pd.DataFrame, config: dict, quantity: str) -> dict[Pair, Found]:
    """The family of a score: all comparisons that a run makes of it, with p-values corrected for their number (Holm).

    Every method with those that it is compared with, and every variant of an ablation with its base, on every test set.
    Each table shows a part of it.
    """
    pairs = pairs_with_bases(config, list(config["methods"]))
    pairs += [pair for axis in config["ablations"] for pair in pairs_of_axis(config, axis)]
    rows = grouped(table, quantity)
    found = {pair: scores(rows, pair) for pair in dict.fromkeys(pairs)}
    fair = corrected({pair: compare(both) for pair, (both, _) in found.items() if both})
    return {pair: (comparison, found[pair][1]) for pair, comparison in fair.items()}


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
