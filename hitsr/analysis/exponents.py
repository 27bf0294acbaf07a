"""How a cost grows with the size of the window: the exponent of its tokens, with the interval of its rounds."""

import math

import numpy as np
import pandas as pd

from hitsr.analysis.estimates import AnyEstimate, Estimate, Exact, mean_of
from hitsr.analysis.measurements import record

BASE_TOKENS = 64
"""Tokens of a window from which the number of pooled values is constant (HiT-SR: 8x8), so that a growth shows."""
COUNTED = ("operator_macs", "operator_formula")


def exponent(rows: pd.DataFrame) -> AnyEstimate | None:
    """Slope of log cost per window against log tokens, from `BASE_TOKENS` tokens; None for too few windows.

    A count is exact. Of a time, each round has a slope of its own, as every window is timed in every round; the
    interval is that of their mean. A memory is measured once: its interval is of the distances from the line.

    Args:
        rows: one quantity of one operator and implementation; `input` is its window, such as `16x16`.
    """
    tokens = np.array([_tokens(window) for window in rows.input], float)
    use = tokens >= BASE_TOKENS
    if len(set(tokens[use])) < 2:
        return None
    from scipy import stats

    fit = stats.linregress(np.log(tokens[use]), np.log(rows.value.to_numpy(float)[use]))
    quantity = rows.quantity.iloc[0]
    if quantity in COUNTED:
        return Exact(float(fit.slope))
    if quantity == "operator_latency":
        # where rounds were not recorded, the medians have a slope, and nothing says how sure it is
        return _over_rounds(rows[use]) or Estimate(float(fit.slope), math.nan, 0, "medians of unrecorded rounds")
    freedom = int(use.sum()) - 2
    error = float(fit.stderr) if freedom else math.nan
    return Estimate(float(fit.slope), error, freedom, f"{int(use.sum())} windows")


def _over_rounds(rows: pd.DataFrame) -> Estimate | None:
    one = rows.iloc[0]
    content = record(one.file)
    found = {
        each["input"]: each["milliseconds"]
        for each in content.get("rounds", ())
        if (each["method"], each["implementation"]) == (one.method, one.implementation)
    }
    windows = [window for window in rows.input if window in found]
    if len(windows) < 2:
        return None
    # per window, of a map that has fewer windows the larger they are
    tokens = np.log([_tokens(window) for window in windows])
    times = np.log(np.array([found[window] for window in windows], float)) + tokens[:, None]
    from scipy import stats

    slopes = [float(stats.linregress(tokens, of_round).slope) for of_round in times.T]
    return mean_of(slopes, f"{len(slopes)} rounds" if len(slopes) > 1 else "one round")


def _tokens(window: str) -> int:
    return math.prod(int(side) for side in window.split("x"))
