"""Exponent of the cost of one window in its tokens: 1 is linear, 2 quadratic. Windows of 64 tokens and more."""

import math

import pandas as pd

from hitsr.analysis.evidence.base import Evidence, Result, concluded
from hitsr.analysis.exponents import exponent
from hitsr.analysis.measurements import numbers


def growth(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """Exponent of each operator of the claim against its bounds."""
    evidence, holds = Evidence(), []
    evidence.conditions = ["counted by fvcore on the reference implementation, per window, without projections"]
    for operator, bound in claim["operators"].items():
        rows = numbers(table, claim["quantity"], method=operator, implementation="reference")
        fit = exponent(rows)
        if fit is None:
            evidence.unmeasured.append(operator)
            continue
        value, margin = fit
        evidence.results.append(Result(f"{operator}: tokens^{value:.2f}{_of_time(table, operator)}", f"±{margin:.2f}"))
        evidence.sources += list(rows.file.unique())
        holds.append(bound.get("at_least", -math.inf) <= value <= bound.get("at_most", math.inf))
    return concluded(evidence, claim, holds)


def _of_time(table: pd.DataFrame, operator: str) -> str:
    """Exponents of the measured time, which need not follow the count; empty if none was measured."""
    fits = {
        name: exponent(numbers(table, "operator_latency", method=operator, implementation=name))
        for name in ("reference", "optimized")
    }
    shown = [f"{name} {fit[0]:.1f}" for name, fit in fits.items() if fit]
    return f" (time: {', '.join(shown)})" if shown else ""
