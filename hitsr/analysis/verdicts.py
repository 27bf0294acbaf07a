"""The rule by which every claim is decided: an interval beyond a bound, on its side or on the other, or neither.

A claim about several pairs, scales or data sets is about all of them. It holds if each interval lies on its side of the
bound, without a correction: the chance that all do though one should not is at most that of this one
(intersection-union). It does not hold if one interval lies on the other side; as there are several chances for that,
these intervals are wider (Bonferroni).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hitsr.analysis.estimates import LEVEL, AnyEstimate

Verdict = Literal["holds", "does not hold", "undecided"]


@dataclass(frozen=True)
class Rule:
    """How a claim is decided.

    Attributes:
        estimand: what is estimated, in words.
        unit: over what the interval is, in words.
        bound: what the interval is compared with.
        above: whether the claim holds above the bound, else below it.
    """

    estimand: str
    unit: str
    bound: float
    above: bool

    @property
    def sentence(self) -> str:
        """The rule for readers."""
        side, other = ("above", "below") if self.above else ("below", "above")
        return (
            f"{self.estimand}: holds if its whole {LEVEL:.0%} interval over {self.unit} is {side} {self.bound:g} for "
            f"every comparison, does not hold if one is {other}"
        )

    def beyond(self, estimate: AnyEstimate, level: float = LEVEL) -> bool:
        """Whether the whole interval is on the side of the claim."""
        low, high = estimate.interval(level)
        # a hair more than the bound, which binary fractions may miss
        hair = 1e-9 * abs(self.bound)
        return low > self.bound + hair if self.above else high < self.bound - hair

    def against(self, estimate: AnyEstimate, level: float = LEVEL) -> bool:
        """Whether the whole interval is on the other side."""
        low, high = estimate.interval(level)
        return high < self.bound if self.above else low > self.bound

    def decide(self, estimates: Sequence[AnyEstimate | None]) -> Verdict:
        """The verdict of all comparisons of a claim; None stands for one that could not be made."""
        known = [estimate for estimate in estimates if estimate is not None]
        wider = 1 - (1 - LEVEL) / max(len(known), 1)
        if any(self.against(estimate, wider) for estimate in known):
            return "does not hold"
        if known and len(known) == len(estimates) and all(self.beyond(estimate) for estimate in known):
            return "holds"
        return "undecided"

    def open(self, estimate: AnyEstimate) -> bool:
        """Whether an interval contains the bound, or there is none."""
        low, high = estimate.interval()
        return math.isnan(low) or low <= self.bound <= high
