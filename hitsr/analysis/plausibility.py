"""Are printed figures plausible? A check that any table of PSNR and SSIM must pass, and that a misprint fails.

On one test set at one scale, PSNR and SSIM of different methods lie near one line. The line is fitted robustly (Theil
and Sen), so that the misprint itself does not bend it. Misprints of the last digits are as small as real differences
between methods, and no such check can find them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

NEAR = {"psnr": 0.35, "ssim": 0.004}
"""Distance from the line below which a figure is plausible however close its neighbours are (dB and SSIM)."""
DEVIATIONS = 6
"""A figure is implausible beyond this many robust standard deviations from the line, and beyond `NEAR`."""
FEWEST = 6
"""Methods that a line needs."""


@dataclass(frozen=True)
class Doubt:
    """A printed figure that cannot be right.

    Attributes:
        method, scale, column: where it stands; the column as in `table2.csv`.
        value: as printed.
        expected: what its neighbours lead one to expect.
        reason: in a sentence.
    """

    method: str
    scale: int
    column: str
    value: float
    expected: float
    reason: str


def doubts(table: pd.DataFrame) -> list[Doubt]:
    """Implausible figures of a printed table.

    Args:
        table: indexed by method and scale, with columns `SET_psnr` and `SET_ssim`.

    A misprint puts both PSNR and SSIM of a method off the line; the one that leaves the other methods' range is
    doubted, or both if neither does.
    """
    found = []
    sets = [column.removesuffix("_psnr") for column in table.columns if column.endswith("_psnr")]
    for scale, block in table.groupby(level="scale", sort=False):
        for name in sets:
            pair = block[[f"{name}_psnr", f"{name}_ssim"]].dropna()
            if len(pair) >= FEWEST:
                found += _off_the_line(pair.droplevel("scale"), int(scale), name)
    return found


def _off_the_line(pair: pd.DataFrame, scale: int, name: str) -> list[Doubt]:
    from scipy import stats

    psnr, ssim = (pair[f"{name}_{metric}"] for metric in NEAR)
    found = []
    for metric, values, partner in (("psnr", psnr, ssim), ("ssim", ssim, psnr)):
        fit = stats.theilslopes(values, partner, method="joint")
        expected = fit.intercept + fit.slope * partner
        for method in values.index[_far(values - expected, NEAR[metric])]:
            if _outside(values, method) < _outside(partner, method):
                continue
            value, guess = float(values[method]), float(expected[method])
            reason = f"beside {partner.name} {partner[method]:g} one expects about {guess:.4g}"
            found.append(Doubt(method, scale, str(values.name), value, guess, reason))
    return found


def _far(distance: pd.Series, near: float) -> np.ndarray:
    from scipy import stats

    spread = stats.median_abs_deviation(distance, scale="normal")
    return (distance.abs() > max(near, DEVIATIONS * spread)).to_numpy()


def _outside(values: pd.Series, method: str) -> float:
    """How far a value lies beyond the others' range, in widths of that range."""
    others = values.drop(method)
    low, high = others.min(), others.max()
    return float(max(low - values[method], values[method] - high, 0) / max(high - low, 1e-9))
