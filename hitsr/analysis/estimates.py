"""An estimate and its interval: the one place where tables, figures, claims and page take intervals from.

What the intervals cover was simulated, not assumed: `python benchmarks/verdicts.py --coverage`, and `COVERAGE` below,
which `tests/test_statistics.py` measures again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

LEVEL = 0.95
"""Coverage that intervals aim at; tests use `1 - LEVEL`."""
RESAMPLES = 4000
SEED = 1226
POWER = 0.8
"""Chance with which a difference is to be found."""
COVERAGE = {3: (95, 84), 5: (95, 82), 14: (95, 85), 100: (95, 92)}
"""Percent that Student's 95 % interval covers, by number of units: of normal and of lognormal (sigma 1) ones."""


def ratio_form(places: int, *values: float) -> str:
    """The format of a ratio and of the ends of its interval, such as `.2f`.

    Args:
        places: after the point; more where the smallest value would have fewer than two significant digits (0.012).
    """
    smallest = min((abs(value) for value in values if value and math.isfinite(value)), default=1.0)
    return f".{max(places, 1 - math.floor(math.log10(smallest)))}f"


@dataclass(frozen=True)
class Estimate:
    """A quantity with its interval by Student's t.

    Attributes:
        value: of the quantity; on the scale that is shown if `logarithmic`.
        error: standard error of the value, or of its logarithm.
        freedom: degrees of freedom of the error; infinite for a known one.
        over: what the interval is over: what would have been other in another run, such as `100 images`.
        logarithmic: whether the interval is symmetric on the logarithm.
    """

    value: float
    error: float
    freedom: float
    over: str
    logarithmic: bool = False

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Lower and upper end; NaN where there is no interval."""
        if not math.isfinite(self.value) or math.isnan(self.error):
            return math.nan, math.nan
        half = self.error * float(special.stdtrit(self.freedom, (1 + level) / 2)) if self.error else 0.0
        if self.logarithmic:
            return self.value * math.exp(-half), self.value * math.exp(half)
        return self.value - half, self.value + half

    def p(self, null: float = 0.0) -> float:
        """Two-sided p of the hypothesis that the quantity is `null`; NaN where there is no interval."""
        if not math.isfinite(self.value) or math.isnan(self.error):
            return math.nan
        distance = math.log(self.value / null) if self.logarithmic else self.value - null
        if not self.error:
            return 1.0 if not distance else 0.0
        return float(2 * special.stdtr(self.freedom, -abs(distance) / self.error))

    def within(self, margin: float) -> bool:
        """Whether two one-sided tests say that the quantity is nearer to 0 than `margin` (TOST, each at 5 %)."""
        low, high = self.interval(2 * LEVEL - 1)
        return -margin < low and high < margin

    @property
    def findable(self) -> float:
        """The smallest difference that such a run finds with a chance of `POWER`; NaN where nothing is known."""
        if math.isnan(self.error) or not math.isfinite(self.value):
            return math.nan
        return self.error * shift(self.freedom)


@dataclass(frozen=True)
class Resampled:
    """A quantity with its interval from resamples (percentiles of a bootstrap)."""

    value: float
    draws: tuple[float, ...]
    over: str

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Lower and upper end."""
        low, high = np.quantile(self.draws, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


@dataclass(frozen=True)
class Exact:
    """A quantity that another run would find again, such as a count."""

    value: float
    over: str = "counted, exact"

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """The value itself."""
        return self.value, self.value


AnyEstimate = Estimate | Resampled | Exact


@cache
def shift(freedom: float, power: float = POWER) -> float:
    """How many standard errors a difference must be for a two-sided test at `1 - LEVEL` to find it with `power`."""
    if not math.isfinite(freedom):
        return float(special.ndtri((1 + LEVEL) / 2) + special.ndtri(power))
    # takes half a second to import, which most tables and figures need not
    from scipy import stats
    from scipy.optimize import brentq

    limit = stats.t.ppf((1 + LEVEL) / 2, freedom)
    return float(brentq(lambda by: stats.nct.sf(limit, freedom, by) - power, 0, 60 + 10 * limit))


def welch(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Variance of the difference of two means, and its degrees of freedom (Welch)."""
    return combined([(float(np.var(v, ddof=1)) / len(v), len(v) - 1) for v in (first, second)])


def combined(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Sum of independent variances, each with its degrees of freedom, and those of the sum (Satterthwaite)."""
    total = sum(variance for variance, _ in parts)
    if not total:
        return 0.0, max((freedom for _, freedom in parts), default=math.inf)
    share = sum(variance**2 / freedom for variance, freedom in parts)
    return total, total**2 / share if share else math.inf


def mean_of(values: Sequence[float], over: str) -> Estimate:
    """The mean of independent values."""
    found = np.asarray(values, float)
    mean = float(found.mean())
    if len(found) < 2:
        return Estimate(mean, math.nan, 0, over)
    if np.ptp(found) <= 1e-12 * np.abs(found).max():
        return Estimate(mean, 0.0, len(found) - 1, over)
    return Estimate(mean, float(found.std(ddof=1)) / math.sqrt(len(found)), len(found) - 1, over)
