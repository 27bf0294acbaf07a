"""Quality of the methods of two runs over the same images: the second run minus the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from hitsr.analysis import differences as within
from hitsr.analysis.runs.matching import Matched, Pair
from hitsr.analysis.statistics import Comparison, compare, corrected

if TYPE_CHECKING:
    from hitsr.analysis.runs.opening import Run

FIRST, SECOND = "first/", "second/"
"""Put before names of methods, which have no slash, so that those of two runs stand in one table."""
TELLING = ("quantity", "protocol")
"""Columns by which metrics of two runs are the same."""


@dataclass(frozen=True)
class Score:
    """A metric of a method on a test set in both runs.

    Attributes:
        means: of the first and of the second run, over images and trainings.
        comparison: the second minus the first.
        identical: whether every image has the same score in both, in every digit.
    """

    pair: Pair
    dataset: str
    quantity: str
    unit: str
    means: tuple[float, float]
    comparison: Comparison
    identical: bool
    files: tuple[str, ...]


def scores(first: Run, second: Run, matched: Matched) -> list[Score]:
    """All metrics that both runs have, for all methods and test sets that belong together.

    Metrics of one name that were computed otherwise are put among what is refused.
    """
    table = _together(first, second, matched)
    units = {(q, p): unit for q, p, unit in table[[*TELLING, "unit"]].drop_duplicates().itertuples(index=False)}
    found = []
    for quantity, protocol in _metrics(first, second, matched):
        rows = table[(table.quantity == quantity) & (table.protocol == protocol)]
        pairs = {
            within.Pair(SECOND + pair.second.name, FIRST + pair.first.name, pair.scale, dataset): pair
            for pair in matched.pairs
            for dataset, scale in matched.datasets
            if scale == pair.scale
        }
        grouped = within.grouped(rows, quantity)
        both = {place: within.scores(grouped, place) for place in pairs}
        same = {place for place in pairs if _identical(rows, place)}
        # what is equal in every digit is no question that a test answers, and makes the others no harder
        tested = corrected({p: compare(of) for p, (of, _) in both.items() if of and p not in same})
        for place, (values, files) in both.items():
            if values is None:
                continue
            comparison = tested.get(place) or compare(values)
            means = _mean(rows, place.base, place), _mean(rows, place.method, place)
            unit = units[quantity, protocol]
            found.append(Score(pairs[place], place.dataset, quantity, unit, means, comparison, place in same, files))
    return found


def _identical(rows: pd.DataFrame, place: within.Pair) -> bool:
    """Whether both have the same values for every image."""
    first, second = (
        rows[(rows.method == method) & (rows.scale == place.scale) & (rows.dataset == place.dataset)]
        for method in (place.base, place.method)
    )
    return sorted(zip(first.image, first.value, strict=True)) == sorted(zip(second.image, second.value, strict=True))


def _mean(rows: pd.DataFrame, method: str, place: within.Pair) -> float:
    """Over images first, then over trainings, as the tables of a run have it."""
    found = rows[(rows.method == method) & (rows.scale == place.scale) & (rows.dataset == place.dataset)]
    return float(found.groupby("seed", dropna=False).value.mean().mean())


def _together(first: Run, second: Run, matched: Matched) -> pd.DataFrame:
    """The scores of both runs, the test sets of the second one by the names of the first."""
    names = {(other, scale): name for (name, scale), other in matched.datasets.items()}
    parts = []
    for run, mark in ((first, FIRST), (second, SECOND)):
        rows = run.table[run.table.kind == "quality"]
        parts.append(rows.assign(method=mark + rows.method))
    theirs = parts[1]
    renamed = [names.get((d, int(s))) for d, s in zip(theirs.dataset, theirs.scale, strict=True)]
    parts[1] = theirs.assign(dataset=renamed).dropna(subset=["dataset"])
    return pd.concat(parts, ignore_index=True)


def _metrics(first: Run, second: Run, matched: Matched) -> list[tuple[str, str]]:
    """Metrics with their protocols that both runs have; the others are refused by name."""
    ours, theirs = (dict.fromkeys(_rows(run)) for run in (first, second))
    for quantity, protocol in [*ours, *theirs]:
        if (quantity, protocol) in ours and (quantity, protocol) in theirs:
            continue
        others = sorted({p for q, p in [*ours, *theirs] if q == quantity})
        reason = f"computed by other protocols ({' and '.join(others)})" if len(others) > 1 else "in one run only"
        sentence = f"metric {quantity}: {reason}"
        if sentence not in matched.refused:
            matched.refused.append(sentence)
    return [metric for metric in ours if metric in theirs]


def _rows(run: Run) -> list[tuple[str, str]]:
    told = run.table[run.table.kind == "quality"][list(TELLING)].drop_duplicates()
    return [(quantity, protocol) for quantity, protocol in told.itertuples(index=False)]
