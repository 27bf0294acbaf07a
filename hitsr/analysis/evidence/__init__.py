"""The measurements that decide a claim: a function per kind of test, each from a run to `Evidence`.

A test says what this run measured, whatever its conditions; whether that decides the claim is for `claims`.
"""

from hitsr.analysis.evidence.base import Compared, Evidence, Result
from hitsr.analysis.evidence.convergence import convergence
from hitsr.analysis.evidence.growth import growth
from hitsr.analysis.evidence.paired import paired
from hitsr.analysis.evidence.ratio import ratio
from hitsr.analysis.evidence.standing import standing
from hitsr.analysis.run import Run

TESTS = {"ratio": ratio, "paired": paired, "growth": growth, "convergence": convergence}

__all__ = ["TESTS", "Compared", "Evidence", "Result", "gather"]


def gather(run: Run, claim: dict) -> Evidence:
    """Evidence for a claim of `hitsr/catalogs/claims.yaml`."""
    said: list[str] = []
    if claim["test"] in ("paired", "convergence"):
        claim, said = standing(run, claim)
    evidence = TESTS[claim["test"]](run, claim)
    evidence.conditions = [*said, *evidence.conditions]
    return evidence
