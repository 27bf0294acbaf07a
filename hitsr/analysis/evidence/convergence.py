"""Share of its training after which a method first reaches the other's final validation score, by pair."""

import math

import pandas as pd

from hitsr.analysis.evidence.base import Evidence, Result, concluded
from hitsr.analysis.evidence.paired import control, trainings
from hitsr.analysis.measurements import numbers


def convergence(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """The share for each pair and scale.

    Only curves of one recipe can be compared: a base that the run also trains by ours is judged by that training.
    """
    evidence, holds = Evidence(), []
    for ours, published in claim["pairs"]:
        theirs = control(config, ours, published) or published
        for scale in config["scales"]:
            share, files = _share(table, claim["quantity"], ours, theirs, scale)
            if share is None:
                evidence.unmeasured += [ours, theirs]
                continue
            shown = f"after {share:.0%} of the iterations" if share <= 1 else "never"
            said = f"{ours} reaches the final score of {theirs} ×{scale} {shown}"
            evidence.results.append(Result(said, "mean over seeds, read at the validation steps"))
            holds.append(share < claim["below"])
            evidence.sources += files
            evidence.methods += [ours, theirs]
    evidence.conditions = [trainings(config)] if evidence.results else []
    return concluded(evidence, claim, holds)


def _share(table: pd.DataFrame, quantity: str, ours: str, theirs: str, scale: int) -> tuple[float | None, list[str]]:
    rows = [numbers(table, quantity, method=m, scale=scale) for m in (ours, theirs)]
    if any(r.empty for r in rows):
        return None, []
    curve, other = (r.groupby(r.iteration.astype(int)).value.mean() for r in rows)
    reached = curve.index[curve >= other.iloc[-1]]
    share = reached[0] / other.index[-1] if len(reached) else math.inf
    return float(share), [file for r in rows for file in r.file.unique()]
