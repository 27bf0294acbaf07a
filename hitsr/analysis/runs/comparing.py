"""Two runs compared: quality, cost, conditions, and what is not comparable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hitsr.analysis.runs import conditions, costs, scores
from hitsr.analysis.runs.matching import match
from hitsr.analysis.runs.opening import Run, labels
from hitsr.errors import ResultError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hitsr.analysis.runs.conditions import Difference
    from hitsr.analysis.runs.costs import Cost
    from hitsr.analysis.runs.matching import Pair
    from hitsr.analysis.runs.scores import Score


@dataclass(frozen=True)
class Compared:
    """What two runs say of each other.

    Attributes:
        labels: what the runs are called.
        refused: what is not compared, and why: a sentence each.
    """

    first: Run
    second: Run
    labels: tuple[str, str]
    pairs: list[Pair]
    scores: list[Score]
    costs: list[Cost]
    differences: list[Difference]
    refused: list[str]


def compare(first: Run, second: Run, wanted: Sequence[str] = ()) -> Compared:
    """Compare the second run with the first.

    Args:
        wanted: pairs of methods that the user names, as `FIRST=SECOND`.

    Raises:
        ResultError: the runs have nothing in common that can be compared; the message says why.
    """
    if first.layout.results.resolve() == second.layout.results.resolve():
        raise ResultError(f"{second.given}: is the same run as {first.given}; name two")
    matched = match(first, second, wanted)
    found = scores.scores(first, second, matched)
    measured = costs.costs(first, second, matched)
    if not found and not measured:
        reasons = "; ".join(matched.refused) or "neither has a method of the other"
        raise ResultError(f"{first.given} and {second.given}: have nothing to compare: {reasons}")
    one, other = labels(first, second)
    return Compared(
        first, second, (one, other), matched.pairs, found, measured, conditions.differences(first, second),
        matched.refused,
    )  # fmt: skip
