"""What a test of a claim found: comparisons with their estimates, and the conditions under which they were made."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from hitsr.analysis.estimates import LEVEL, AnyEstimate, Exact
from hitsr.analysis.verdicts import Rule


class Result(NamedTuple):
    """One comparison in words, and its interval or what stands for it; empty if there is none."""

    text: str
    interval: str = ""


class Compared(NamedTuple):
    """One comparison of a claim.

    Attributes:
        result: as the card shows it.
        estimate: what the rule judges; None if the numbers allow no interval.
        name: of what is compared, such as `HiT-SIR − SwinIR-Light ×2`.
        trainings: of each method.
        scatter: standard deviation over trainings of what is compared, of one method; NaN if it is not known.
        published: the difference that the paper prints; None if it prints none.
        sources: measurement files.
    """

    result: Result
    estimate: AnyEstimate | None
    name: str = ""
    trainings: int = 1
    scatter: float = float("nan")
    published: float | None = None
    sources: tuple[str, ...] = ()


@dataclass
class Evidence:
    """What was found.

    Attributes:
        rule: how it is decided.
        compared: each comparison.
        unmeasured: methods, operators and data sets without measurements.
        open: why a comparison that was measured has no estimate.
        sources: measurement files.
        networks: methods, with their scale, whose conditions count.
        datasets: test sets of the paper that were used, with their number of images.
        refused: why other test sets of the run do not count.
        foreign: why test sets that were used are not the paper's.
        conditions: under which the numbers were measured.
    """

    rule: Rule
    compared: list[Compared] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    networks: list[tuple[str, int]] = field(default_factory=list)
    datasets: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    @property
    def results(self) -> list[Result]:
        """Each comparison as the card shows it."""
        return [one.result for one in self.compared]

    @property
    def weakest(self) -> Result | None:
        """The comparison that is nearest to failing, or beyond it; None if nothing was compared."""
        known = [(one.estimate, one.result) for one in self.compared if one.estimate is not None]
        if not known:
            return self.compared[0].result if self.compared else None
        sign = 1 if self.rule.above else -1
        return min(known, key=lambda one: min(sign * end for end in one[0].interval()))[1]

    @property
    def methods(self) -> list[str]:
        """Methods whose conditions count."""
        return list(dict.fromkeys(method for method, _ in self.networks))

    @property
    def estimates(self) -> list[AnyEstimate | None]:
        """What the rule judges."""
        return [one.estimate for one in self.compared]


def bound_of(claim: dict) -> tuple[float, bool]:
    """The bound of a claim, and whether it holds above it; a difference of scores above 0 if the claim says nothing."""
    below = claim.get("below")
    return (float(claim.get("at_least") or 0.0), True) if below is None else (float(below), False)


def interval_text(estimate: AnyEstimate, form: str, unit: str = "") -> str:
    """An interval as every card, table and page shows it."""
    if isinstance(estimate, Exact):
        return estimate.over
    low, high = estimate.interval()
    if math.isnan(low):
        return f"{estimate.over if math.isfinite(estimate.value) else 'not finite'}: no interval"
    return f"[{low:{form}}, {high:{form}}]{unit} ({LEVEL:.0%} over {estimate.over})"
