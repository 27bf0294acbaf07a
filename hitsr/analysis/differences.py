"""Paired differences between two methods of a run, over the same images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

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


class Scored(NamedTuple):
    """Scores of one method on one data set.

    Attributes:
        values: trainings as rows, images as columns.
        quantity: the score.
        files: that they come from.
    """

    values: pd.DataFrame
    quantity: str
    files: tuple[str, ...]


def grouped(table: pd.DataFrame, quantity: str) -> dict[Group, Scored]:
    """A score by method, scale and data set."""
    rows = numbers(table, quantity)
    rows = rows.assign(seed=rows.seed.fillna(0))
    found = {}
    for (method, scale, dataset), of in rows.groupby(["method", "scale", "dataset"], sort=False):
        found[str(method), int(scale), str(dataset)] = Scored(_wide(of), quantity, tuple(of.file.unique()))
    return found


def _wide(of: pd.DataFrame) -> pd.DataFrame:
    """Trainings as rows, images as columns."""
    images, seeds = of.image.to_numpy(), of.seed.to_numpy()
    count = len(set(seeds))
    # nearly always every training has the same images in the same order, and nothing need be sorted
    if len(of) % count == 0:
        parts = images.reshape(count, -1)
        of_one = seeds.reshape(count, -1)
        if (parts == parts[0]).all() and (of_one == of_one[:, :1]).all() and len(set(parts[0])) == parts.shape[1]:
            values = of.value.to_numpy(float).reshape(count, -1)
            return pd.DataFrame(values, index=of_one[:, 0], columns=parts[0])
    return of.pivot(index="seed", columns="image", values="value")


def scores(found: Mapping[Group, Scored], pair: Pair) -> tuple[Scores | None, tuple[str, ...]]:
    """Scores of two methods over the images that both were measured on; None if one was not, and the files.

    Args:
        found: the score, as `grouped` gives it.

    Raises:
        ResultError: they were measured on different images.
    """
    own = [found.get((method, pair.scale, pair.dataset)) for method in (pair.method, pair.base)]
    if own[0] is None or own[1] is None:
        return None, ()
    first, second = own[0].values, own[1].values
    files = tuple(dict.fromkeys([*own[0].files, *own[1].files]))
    if first.columns.equals(second.columns) and not (first.isna().any(axis=None) or second.isna().any(axis=None)):
        return Scores(first.to_numpy(float), second.to_numpy(float)), files
    # an image that one seed lacks is as bad as one that a method lacks
    complete = [set(score.dropna(axis="columns").columns) for score in (first, second)]
    lacking = sorted((set(first.columns) | set(second.columns)) - (complete[0] & complete[1]))
    if lacking:
        raise ResultError(
            f"{', '.join(files)}: {own[0].quantity} of {pair.method} and {pair.base} on {pair.dataset} "
            f"x{pair.scale} is of different images ({lacking[0]} is not in all); delete these files and run again"
        )
    return Scores(first.to_numpy(float), second[first.columns].to_numpy(float)), files


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
