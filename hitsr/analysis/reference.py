"""Is a training on the way that the paper's took? PSNR recorded while training, beside the published curves.

The curves were read off a figure (`hitsr/catalogs/published/convergence_x2.csv`), of one training each. They jump from
one measurement to the next; how far is their scatter. A training is compared over its last measurements. It is ahead or
behind if it differs by more than is explained by that scatter, by that from training to training, and by reading.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from hitsr.analysis import published
from hitsr.analysis.conditions import network_differs, trained_on, training_set_differs
from hitsr.analysis.evidence.paired import network
from hitsr.analysis.identity import Sets
from hitsr.analysis.measurements import numbers
from hitsr.analysis.power import EXPECTED
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.recipes import HIT, departures, recipes

SOURCES = ("convergence_x2.csv", "convergence_points.csv")
READING = 0.01
"""Error of reading the figure (dB)."""
LAST = 5
"""Measurements over which a training is compared: its last ones that the published curve has too."""
NEIGHBOURS = 3
"""Points on either side over which a published curve is smoothed."""
DEVIATIONS = 2
ALLOWED = ("iterations", "schedule_iterations", "milestones", "fine_tuning")
"""Keys of a recipe that change nothing before the first milestone."""


@dataclass(frozen=True)
class Curve:
    """A published curve.

    Attributes:
        points: PSNR (dB) by iteration, as published.
        smooth: the same without its jumps.
        scatter: standard deviation of the jumps (dB).
    """

    points: pd.Series
    smooth: pd.Series
    scatter: float


@dataclass(frozen=True)
class Track:
    """One training beside a published curve.

    Attributes:
        iteration: up to which it is compared.
        ours, theirs: mean PSNR (dB) over the last measurements.
        band: difference that chance explains (dB).
        conditions: why there is no verdict; empty if there is one.
    """

    method: str
    scale: int
    seed: int
    dataset: str
    iteration: int
    ours: float
    theirs: float
    band: float
    conditions: str
    files: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Whether it is "on track", "ahead" or "behind"."""
        if self.conditions:
            return "no verdict"
        difference = self.ours - self.theirs
        return "on track" if abs(difference) <= self.band else "ahead" if difference > 0 else "behind"


@cache
def curves() -> dict[tuple[str, int, str], Curve]:
    """The published curves, by network, scale and test set."""
    found = {}
    for source in SOURCES:
        rows = published.read(source)
        for (method, scale, dataset), of in rows.groupby(["method", "scale", "dataset"], sort=False):
            points = of.set_index("iteration").psnr.sort_index()
            found[str(method), int(scale), str(dataset)] = _curve(points)
    return found


def _curve(points: pd.Series) -> Curve:
    width = 2 * NEIGHBOURS + 1
    if len(points) < width:
        return Curve(points, points, 0.0)
    smooth = points.rolling(width, center=True, min_periods=NEIGHBOURS + 1).mean()
    # at the ends the window has one side only, of a curve that rises
    inner = (points - smooth).iloc[NEIGHBOURS:-NEIGHBOURS]
    line = np.polynomial.Polynomial.fit
    ends = {at: float(line(near.index, near, 1)(at)) for at in points.index if (near := _near(points, at)) is not None}
    return Curve(points, pd.Series(ends), float(inner.std(ddof=1)) / math.sqrt(1 - 1 / width))


def _near(points: pd.Series, at: int) -> pd.Series:
    place = points.index.get_loc(at)
    first = min(max(place - NEIGHBOURS, 0), len(points) - 2 * NEIGHBOURS - 1)
    return points.iloc[first : first + 2 * NEIGHBOURS + 1]


def tracks(table: pd.DataFrame, config: dict) -> list[Track]:
    """Every training of the run that has a published curve, on every test set that both have."""
    sets, found = Sets(table, config), []
    rows = numbers(table, "test_psnr")
    for (method, scale, seed, dataset), of in rows.groupby(["method", "scale", "seed", "dataset"], sort=False):
        public = sets.public(dataset, int(scale))[0] or config["datasets"].get(dataset, {}).get("public", dataset)
        curve = curves().get((network(config, method), int(scale), public))
        if curve is None:
            continue
        ours = of.assign(iteration=of.iteration.astype(int)).set_index("iteration").value.sort_index()
        common = [at for at in ours.index if at in curve.smooth.index][-LAST:]
        if not common:
            continue
        why = _conditions(table, config, method, int(scale), sets.public(dataset, int(scale))[1], common[-1])
        both = ours.loc[common].mean(), curve.smooth.loc[common].mean()
        files = tuple(of.file.unique())
        place = (str(method), int(scale), int(seed), str(dataset), int(common[-1]))
        found.append(Track(*place, float(both[0]), float(both[1]), _band(curve, len(common)), why, files))
    return found


def _band(curve: Curve, count: int) -> float:
    """What chance explains: jumps of both curves, two trainings, and reading."""
    jumps = 2 * curve.scatter**2 / count
    return DEVIATIONS * math.sqrt(jumps + 2 * max(EXPECTED) ** 2 + READING**2)


def _conditions(table: pd.DataFrame, config: dict, method: str, scale: int, why: str, iteration: int) -> str:
    entry = all_methods(config)[method]
    train = entry["train"]
    parts = [network_differs(config, method), *training_set_differs(trained_on(table, config, method, scale)), why]
    differing = [key for key in departures(train, HIT) if key not in ALLOWED]
    parts += [f"{key} {train[key]} instead of {recipes()[HIT]['train'][key]}" for key in differing]
    if iteration > constant_until(train) and departures(train, HIT):
        parts.append("its learning rate falls where the published one does not")
    return ", ".join(part for part in parts if part)


def constant_until(train: dict) -> float:
    """Iterations up to which the published learning rate and this one are constant."""
    both = ({**train}, {**train, **recipes()[HIT]["train"]})
    return min(t["milestones"][0] * (t["schedule_iterations"] or t["iterations"]) for t in both)
