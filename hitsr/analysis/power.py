"""What a run can find: the smallest difference, and what it would take to find the published one.

By the scatter over trainings that the run itself has; before a run, and where it trained once, by the range that
published trainings lead one to expect.
"""

import math
from dataclasses import dataclass

from hitsr.analysis.estimates import POWER, Estimate, Exact, shift
from hitsr.analysis.evidence import Compared

EXPECTED = (0.02, 0.04)
"""Standard deviation over trainings of the PSNR of a network in dB: least and most that one expects."""
MOST = 100
"""Trainings beyond which no number is given."""


@dataclass(frozen=True)
class Power:
    """What one comparison could find.

    Attributes:
        name: of what is compared.
        found: the estimate.
        least: smallest difference that such a run finds with a chance of 80 %; NaN where nothing is known.
        published: the difference that the paper prints; None if it prints none.
        trainings: of each method.
        needed: trainings of each method that find the published difference, at the least and at the most; None if it
            prints none, or more than `MOST` would be needed.
    """

    name: str
    found: float
    least: float
    published: float | None
    trainings: int
    needed: tuple[int, int] | None

    @property
    def sentence(self) -> str:
        """For readers of the card."""
        parts = [f"{self.name}: finds {self.least:.3f} and more with a chance of {POWER:.0%}"]
        if math.isnan(self.least):
            parts = [f"{self.name}: too few to say what could be found"]
        if self.published is not None:
            parts.append(f"the paper prints {self.published:+.3g}")
            parts.append(f"which {self._need}")
        return ", ".join(parts)

    @property
    def _need(self) -> str:
        if self.needed is None:
            return f"more than {MOST} trainings of each would find"
        low, high = self.needed
        return f"{low if low == high else f'{low} to {high}'} trainings of each would find"


def of(one: Compared) -> Power | None:
    """What a comparison could find; None of one that chance does not change."""
    if one.estimate is None or isinstance(one.estimate, Exact) or not isinstance(one.estimate, Estimate):
        return None
    if one.estimate.logarithmic:
        return None
    needed = None
    if one.published:
        scatters = (one.scatter, one.scatter) if one.scatter > 0 else EXPECTED
        counts = [needed_trainings(abs(one.published), scatter) for scatter in scatters]
        needed = (counts[0], counts[1]) if counts[0] is not None and counts[1] is not None else None
    return Power(one.name, one.estimate.value, one.estimate.findable, one.published, one.trainings, needed)


def findable(scatter: float, trainings: int) -> float:
    """The smallest difference of two methods that so many trainings of each find with a chance of `POWER`.

    Args:
        scatter: standard deviation over trainings of one method.
    """
    if trainings < 2:
        return math.nan
    return scatter * math.sqrt(2 / trainings) * shift(2 * trainings - 2)


def needed_trainings(difference: float, scatter: float) -> int | None:
    """Trainings of each method that find a difference with a chance of `POWER`; None if more than `MOST`."""
    return next((n for n in range(2, MOST + 1) if findable(scatter, n) <= difference), None)
