"""Do the data separate two methods? Paired differences, their intervals and tests, and the correction for many.

Two methods are compared on the same images: the unit is the image, the quantity the difference of their PSNR (or
another score), averaged over seeds where there are several. An interval over images says how far the result
carries over to other images of the kind; it says nothing of chance in training, which only several seeds show.
Not seen by anything that trains or measures.
"""

import math
import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

LEVEL = 0.95
"""Coverage of the intervals; tests use `1 - LEVEL`."""
RESAMPLES = 9999
SEED = 1226


@dataclass(frozen=True)
class Comparison:
    """How much higher one method scores than another.

    Attributes:
        difference: mean over images, in the unit of the score.
        low, high: bootstrap interval of the mean over images; NaN for fewer than two images.
        p: two-sided Wilcoxon signed-rank test over images; NaN if a score is infinite, as PSNR of equal images is.
        images: number of images.
        seeds: trainings of each method: the fewer of the two.
        p_seeds: two-sided Welch test over the seeds' means; NaN for fewer than two seeds of either method.
        comparisons: number of comparisons that `p` and `p_seeds` are corrected for.
    """

    difference: float
    low: float
    high: float
    p: float
    images: int
    seeds: int = 1
    p_seeds: float = math.nan
    comparisons: int = 1

    @property
    def separated(self) -> bool:
        """Whether the data say which method scores higher: interval and every test that could be made agree."""
        tests = [p for p in (self.p, self.p_seeds) if not math.isnan(p)]
        return (self.low > 0 or self.high < 0) and bool(tests) and max(tests) < 1 - LEVEL

    @property
    def why_not(self) -> str:
        """Why the data do not separate the methods; empty if they do."""
        if self.separated:
            return ""
        if not math.isfinite(self.difference):
            return "a score is infinite"
        if smallest_p(self.images) * self.comparisons >= 1 - LEVEL:
            return f"{self.images} images cannot reach p < {1 - LEVEL:.2f}"
        if not (self.low > 0 or self.high < 0):
            return "the interval contains 0"
        return f"p = {max(p for p in (self.p, self.p_seeds) if not math.isnan(p)):.2f}"


def compare(ours: np.ndarray, theirs: np.ndarray) -> Comparison:
    """Compare two methods on the same images.

    Args:
        ours, theirs: scores `(seeds, images)`, images in the same order; the numbers of seeds may differ.
    """
    first, second = ours.mean(axis=0), theirs.mean(axis=0)
    # two infinite scores are equal
    equal = np.isinf(first) & (first == second)
    per_image = np.where(equal, 0.0, first - np.where(equal, 0.0, second))
    if not np.isfinite(per_image).all():
        mean = float(per_image.mean())
        return Comparison(mean, math.nan, math.nan, math.nan, len(per_image), min(len(ours), len(theirs)))
    low, high = interval(per_image)
    seeds = min(len(ours), len(theirs))
    p_seeds = math.nan
    if seeds > 1:
        p_seeds = float(stats.ttest_ind(ours.mean(axis=1), theirs.mean(axis=1), equal_var=False).pvalue)
    return Comparison(float(per_image.mean()), low, high, wilcoxon(per_image), len(per_image), seeds, p_seeds)


def interval(values: np.ndarray) -> tuple[float, float]:
    """Bootstrap interval of the mean, bias-corrected and accelerated (BCa), the same for the same values.

    BCa rather than percentiles because gains per image are skewed: a few images carry most of them. Below about ten
    images every bootstrap interval is too narrow. Equal values have an interval of no width.
    """
    if len(values) < 2:
        return math.nan, math.nan
    if np.ptp(values) <= 1e-12 * np.abs(values).max():
        return float(values[0]), float(values[0])
    with warnings.catch_warnings():
        # of two or three images some resamples are all the same value; the percentiles below take over
        warnings.simplefilter("ignore")
        found = _bootstrap(values, "BCa")
        if not all(map(math.isfinite, found)):
            found = _bootstrap(values, "percentile")
    return found


def _bootstrap(values: np.ndarray, method: str) -> tuple[float, float]:
    result = stats.bootstrap(
        (values,),
        np.mean,
        confidence_level=LEVEL,
        n_resamples=RESAMPLES,
        method=method,
        rng=np.random.default_rng(SEED),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def wilcoxon(differences: np.ndarray) -> float:
    """Two-sided p of the Wilcoxon signed-rank test; zero differences are ranked and then dropped (Pratt)."""
    if not np.any(differences):
        return 1.0
    return float(stats.wilcoxon(differences, zero_method="pratt").pvalue)


def smallest_p(images: int) -> float:
    """The smallest p that the two-sided signed-rank test can give: all differences of one sign."""
    return min(1.0, 2.0 ** (1 - images))


def holm(p: list[float]) -> list[float]:
    """p-values corrected for their number (Holm 1979): the chance of any false positive stays below the level."""
    order = np.argsort(p)
    factors = len(p) - np.arange(len(p))
    corrected = np.minimum(1, np.maximum.accumulate(np.asarray(p, float)[order] * factors))
    found = np.empty(len(p))
    found[order] = corrected
    return found.tolist()


def corrected(comparisons: list[Comparison]) -> list[Comparison]:
    """The same comparisons with p-values corrected for making all of them (Holm)."""
    count = len(comparisons)
    over_images = holm([c.p for c in comparisons])
    tested = [c.p_seeds for c in comparisons if not math.isnan(c.p_seeds)]
    over_seeds = iter(holm(tested))
    return [
        replace(c, p=p, p_seeds=c.p_seeds if math.isnan(c.p_seeds) else next(over_seeds), comparisons=count)
        for c, p in zip(comparisons, over_images, strict=True)
    ]
