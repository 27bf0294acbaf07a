"""How much higher one method scores than another: images stratified by data set, trainings as the outer level.

Two methods are compared on the same images. Chance comes in twice: other trainings would have given other networks, and
other images of the kind other gains. Both variances are estimated and added; with one training of a method only the
images can be told, and the interval says so.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hitsr.analysis.estimates import Estimate, combined

ASSUMED = {"psnr": 0.04}
"""Standard deviation over trainings that is assumed of weights that were trained once, by the authors: in dB."""


@dataclass(frozen=True)
class Scores:
    """Scores of two methods on one data set, images in the same order.

    Attributes:
        ours, theirs: `(trainings, images)`; the numbers of trainings may differ.
    """

    ours: np.ndarray
    theirs: np.ndarray

    @property
    def images(self) -> int:
        return self.ours.shape[1]

    @property
    def per_image(self) -> np.ndarray:
        """Difference of each image, averaged over trainings; two infinite scores are equal."""
        first, second = self.ours.mean(axis=0), self.theirs.mean(axis=0)
        equal = np.isinf(first) & (first == second)
        return np.where(equal, 0.0, first - np.where(equal, 0.0, second))


def difference(strata: Mapping[str, Scores], assumed: float | None = None) -> Estimate:
    """Mean difference over all images of some data sets, each set with the weight of its number of images.

    Args:
        strata: by data set; of all the same trainings.
        assumed: standard deviation over trainings where there is one training of a method; the interval leaves chance
            in training out if it is not given.
    """
    total = sum(one.images for one in strata.values())
    shares = {name: one.images / total for name, one in strata.items()}
    gains = {name: one.per_image for name, one in strata.items()}
    value = sum(shares[name] * float(of.mean()) for name, of in gains.items())
    over = _over(total, strata, assumed)
    if not math.isfinite(value):
        return Estimate(value, math.nan, 0, over)
    known = {name: 0.0 if _equal(of) else float(of.var(ddof=1)) for name, of in gains.items() if len(of) > 1}
    if not known:
        return Estimate(value, math.nan, 0, over)
    # an image that is alone in its set varies as those of the others do
    typical = max(known.values())
    parts: list[tuple[float, float]] = [
        (shares[name] ** 2 * known.get(name, typical) / len(of), max(len(of) - 1, 1)) for name, of in gains.items()
    ]
    parts += _of_trainings(strata, total, assumed)
    variance, freedom = combined(parts)
    return Estimate(value, math.sqrt(variance), freedom, over)


def trainings(strata: Mapping[str, Scores]) -> int:
    """Trainings of each method: the fewer of the two."""
    return min((min(len(one.ours), len(one.theirs)) for one in strata.values()), default=0)


def scatter(strata: Mapping[str, Scores]) -> float:
    """Standard deviation over trainings of the mean over images, pooled over both methods; NaN for one training."""
    total = sum(one.images for one in strata.values())
    means = [_means(strata, total, side) for side in ("ours", "theirs")]
    own = [values for values in means if len(values) > 1 and np.isfinite(values).all()]
    if not own:
        return math.nan
    squares = sum(float(((values - values.mean()) ** 2).sum()) for values in own)
    return math.sqrt(squares / sum(len(values) - 1 for values in own))


def _of_trainings(strata: Mapping[str, Scores], total: int, assumed: float | None) -> list[tuple[float, float]]:
    parts: list[tuple[float, float]] = []
    for side in ("ours", "theirs"):
        means = _means(strata, total, side)
        if len(means) > 1 and np.isfinite(means).all():
            parts.append((float(means.var(ddof=1)) / len(means), len(means) - 1))
        elif assumed is not None:
            parts.append((assumed**2 / len(means), math.inf))
    return parts


def _means(strata: Mapping[str, Scores], total: int, side: str) -> np.ndarray:
    """Mean over all images of each training."""
    sums: np.ndarray | float = 0.0
    for one in strata.values():
        sums = sums + getattr(one, side).mean(axis=1) * (one.images / total)
    return np.asarray(sums)


def _equal(values: np.ndarray) -> bool:
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())


def _over(images: int, strata: Mapping[str, Scores], assumed: float | None) -> str:
    count = trainings(strata)
    units = f"{images} images"
    if images == len(strata):
        units = "one image" if images == 1 else f"one image of each of {images} sets"
    if count > 1:
        return f"{count} trainings and {units}"
    return units + (f", {assumed} dB assumed over trainings" if assumed is not None else "")
