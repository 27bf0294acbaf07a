"""The measurements that decide a claim: a function per kind of test, each from the long table to `Evidence`.

A test says what this run measured, whatever its conditions; whether that decides the claim is for `claims`.
"""

import pandas as pd

from hitsr.analysis.evidence.base import Evidence, Result
from hitsr.analysis.evidence.convergence import convergence
from hitsr.analysis.evidence.growth import growth
from hitsr.analysis.evidence.paired import paired
from hitsr.analysis.evidence.ratio import ratio

TESTS = {"ratio": ratio, "paired": paired, "growth": growth, "convergence": convergence}

__all__ = ["TESTS", "Evidence", "Result", "gather"]


def gather(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """Evidence for a claim of `hitsr/catalogs/claims.yaml`."""
    return TESTS[claim["test"]](table, config, claim)
