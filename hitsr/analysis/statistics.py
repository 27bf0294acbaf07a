"""Do the data separate two methods? The comparisons of tables, corrected for their number, and what else they say.

A table makes many comparisons at once, so its p-values are corrected for all that a run makes of one score (Holm): its
family, which captions name, and which is the same in every table. Claims are decided otherwise
(`hitsr.analysis.verdicts`). Not seen by anything that trains or measures.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from hitsr.analysis.estimates import LEVEL, Estimate
from hitsr.analysis.scores import Scores, difference, trainings

Key = TypeVar("Key")


@dataclass(frozen=True)
class Comparison:
    """How much higher one method scores than another on one data set.

    Attributes:
        estimate: mean difference over images, in the unit of the score, with its interval.
        images: number of images.
        seeds: trainings of each method: the fewer of the two.
        p: two-sided, by Student's t, corrected for the family; NaN where there is no interval.
        family: number of comparisons that `p` is corrected for.
    """

    estimate: Estimate
    images: int
    seeds: int
    p: float
    family: int = 1

    @property
    def difference(self) -> float:
        return self.estimate.value

    @property
    def low(self) -> float:
        return self.estimate.interval()[0]

    @property
    def high(self) -> float:
        return self.estimate.interval()[1]

    @property
    def separated(self) -> bool:
        """Whether the data say which method scores higher."""
        return self.p < 1 - LEVEL

    def equivalent(self, margin: float | None) -> bool:
        """Whether the data say that the methods differ by less than `margin`, which two of one score never do."""
        return margin is not None and self.estimate.within(margin)

    @property
    def why_not(self) -> str:
        """Why the data do not separate the methods; empty if they do."""
        if self.separated:
            return ""
        if not math.isfinite(self.difference):
            return "a score is infinite"
        return "one image" if math.isnan(self.p) else f"p = {self.p:.2f}"


def compare(scores: Scores) -> Comparison:
    """Compare two methods on the same images."""
    found = difference({"": scores})
    return Comparison(found, scores.images, trainings({"": scores}), found.p())


def holm(p: list[float]) -> list[float]:
    """p-values corrected for their number (Holm 1979): the chance of any false positive stays below the level."""
    order = np.argsort(p)
    factors = len(p) - np.arange(len(p))
    corrected = np.minimum(1, np.maximum.accumulate(np.asarray(p, float)[order] * factors))
    found = np.empty(len(p))
    found[order] = corrected
    return found.tolist()


def corrected(comparisons: Mapping[Key, Comparison]) -> dict[Key, Comparison]:
    """The same comparisons with p-values corrected for making all of them; those without one count as well."""
    tested = {key: c for key, c in comparisons.items() if not math.isnan(c.p)}
    # what could not be tested was asked all the same
    padding = [1.0] * (len(comparisons) - len(tested))
    fair = iter(holm([*(c.p for c in tested.values()), *padding]))
    found = {key: replace(c, p=next(fair)) for key, c in tested.items()}
    return {key: replace(found.get(key, c), family=len(comparisons)) for key, c in comparisons.items()}
