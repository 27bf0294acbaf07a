"""How a cost grows with the size of the window: the exponent of its tokens."""

import math

import numpy as np
import pandas as pd
from scipy import stats

from hitsr.analysis.statistics import LEVEL

BASE_TOKENS = 64
"""Tokens of a window from which the number of pooled values is constant (HiT-SR: 8x8), so that a growth shows."""


def exponent(rows: pd.DataFrame) -> tuple[float, float] | None:
    """Slope of log cost per window against log tokens, and half the width of its interval; None for too few points.

    `input` of a row is its window, such as `16x16`.
    """
    tokens = rows.input.map(lambda window: math.prod(int(side) for side in window.split("x"))).to_numpy(float)
    use = tokens >= BASE_TOKENS
    if len(set(tokens[use])) < 2:
        return None
    fit = stats.linregress(np.log(tokens[use]), np.log(rows.value.to_numpy(float)[use]))
    freedom = use.sum() - 2
    margin = fit.stderr * stats.t.ppf((1 + LEVEL) / 2, freedom) if freedom > 0 else 0.0
    return float(fit.slope), float(margin)
