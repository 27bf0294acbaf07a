"""Iterations to a score that was fixed beforehand: the ratio of two methods, over their trainings.

The target is below what both reach in the end, so that it asks for speed and not for the last hundredth; it is in the
catalogue, not chosen from the run. Only trainings by one recipe are compared.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from hitsr.analysis.estimates import Estimate, combined, ratio_form
from hitsr.analysis.evidence.base import Compared, Evidence, Result, bound_of, interval_text
from hitsr.analysis.evidence.paired import control, scales
from hitsr.analysis.measurements import numbers
from hitsr.analysis.run import Run
from hitsr.analysis.verdicts import Rule
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.recipes import PROTOCOL


def convergence(run: Run, claim: dict) -> Evidence:
    """Ratio of the iterations that the methods of each pair take to each target."""
    rule = Rule("ratio of iterations to a PSNR that was fixed beforehand", "trainings", *bound_of(claim))
    config, evidence, sets = run.config, Evidence(rule), run.sets
    table = numbers(run.table, claim["quantity"])
    for ours, published in claim["pairs"]:
        theirs = control(config, ours, published) or published
        for scale in scales(config, claim, ours, theirs):
            if not _one_recipe(config, ours, theirs):
                evidence.open.append(
                    f"{ours} and {theirs} are trained by different recipes, of which a part may be the rate"
                )
                continue
            for public, target in claim["targets"].items():
                found = sets.names(public, scale)
                evidence.foreign += [] if found else [sets.public(public, scale)[1]]
                _compare(evidence, table, claim, (ours, theirs), scale, next(iter(found), public), target)
        if not scales(config, claim, ours, theirs):
            evidence.unmeasured += [ours, theirs]
    if evidence.compared:
        seeds = len(config["seeds"])
        recorded = "PSNR recorded while training, which selected nothing"
        evidence.conditions = [f"{seeds} training{'s' if seeds > 1 else ''} of each method", recorded]
    return evidence


def _compare(
    evidence: Evidence,
    table: pd.DataFrame,
    claim: dict,
    methods: tuple[str, str],
    scale: int,
    dataset: str,
    target: float,
) -> None:
    where = {"scale": scale, "dataset": dataset}
    rows = [numbers(table, claim["quantity"], method=method, **where) for method in methods]
    if any(r.empty for r in rows):
        evidence.unmeasured += [f"{method} on {dataset}" for method in methods]
        return
    reached = [Reached.of(r, target) for r in rows]
    estimate = ratio_of(*reached)
    ours, theirs = methods
    shown = " / ".join(each.text for each in reached)
    said = f"{ours} / {theirs} ×{scale}, {target:g} dB on {dataset}: "
    if estimate is None:
        never = [method for method, each in zip(methods, reached, strict=True) if each.never]
        evidence.open.append(
            f"{dataset}: {' and '.join(never)} never reached {target:g} dB" if never else "one training"
        )
        evidence.compared.append(Compared(Result(f"{said}no ratio ({shown} iterations)"), None, f"{ours} / {theirs}"))
    else:
        form = ratio_form(2, estimate.value, *estimate.interval())
        result = Result(f"{said}{estimate.value:{form}} ({shown} iterations)", interval_text(estimate, form))
        evidence.compared.append(Compared(result, estimate, f"{ours} / {theirs} ×{scale}, {dataset}", reached[0].count))
    evidence.sources += [file for r in rows for file in r.file.unique()]
    evidence.networks += [(method, scale) for method in methods]


class Reached:
    """Iterations after which each training of a method first had a target score.

    Attributes:
        iterations: of each training; of one that never had it, the last.
        never: trainings that never had it.
        step: iterations between two measurements: by so much the first may have been earlier.
    """

    def __init__(self, iterations: Sequence[int], never: int, step: float):
        self.iterations, self.never, self.step = list(iterations), never, step

    @classmethod
    def of(cls, rows: pd.DataFrame, target: float) -> "Reached":
        """From the rows of all trainings of a method."""
        found, never, steps = [], 0, []
        for _, curve in rows.groupby(rows.seed.fillna(0)):
            curve = curve.assign(iteration=curve.iteration.astype(int)).sort_values("iteration")
            past = curve[curve.value >= target].iteration
            never += past.empty
            found.append(int(curve.iteration.iloc[-1] if past.empty else past.iloc[0]))
            steps.append(float(np.diff(curve.iteration).max()) if len(curve) > 1 else math.inf)
        return cls(found, never, max(steps))

    @property
    def count(self) -> int:
        return len(self.iterations)

    @property
    def text(self) -> str:
        """For readers: the geometric mean."""
        shown = f"{math.exp(np.log(self.iterations).mean()):,.0f}"
        return f"over {shown}" if self.never else shown

    @property
    def part(self) -> tuple[float, float]:
        """Variance of the mean logarithm, what the steps hide included, and its degrees of freedom."""
        logs = np.log(self.iterations)
        hidden = float(np.mean((self.step / np.array(self.iterations)) ** 2)) / 12
        return (float(logs.var(ddof=1)) + hidden) / len(logs), len(logs) - 1


def ratio_of(ours: Reached, theirs: Reached) -> Estimate | None:
    """Ratio of two numbers of iterations, with its interval over trainings; None where it has none.

    A training of the slower method that never reached the target counts with its last iteration: the difference is then
    larger than the ratio says. Where the faster has such a training too, or either was trained once, there is no ratio.
    """
    if min(ours.count, theirs.count) < 2 or (ours.never and theirs.never):
        return None
    value = float(np.log(ours.iterations).mean() - np.log(theirs.iterations).mean())
    if (ours.never and value < 0) or (theirs.never and value > 0):
        return None
    variance, freedom = combined([ours.part, theirs.part])
    over = f"{min(ours.count, theirs.count)} trainings"
    return Estimate(math.exp(value), math.sqrt(variance), freedom, over, logarithmic=True)


def _one_recipe(config: dict, ours: str, theirs: str) -> bool:
    everything = all_methods(config)
    if ours not in everything or theirs not in everything:
        return True
    return all(everything[ours]["train"][key] == everything[theirs]["train"][key] for key in PROTOCOL)
