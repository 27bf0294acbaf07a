"""The measurements that decide a claim: four kinds of test, each from the long table to `Evidence`.

A test says what this run measured, whatever its conditions; whether that decides the claim is for `claims`.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.conditions import SIZES, size
from hitsr.analysis.costs import timed
from hitsr.analysis.differences import Pair, differences
from hitsr.analysis.measurements import Number, numbers
from hitsr.analysis.statistics import LEVEL
from hitsr.configuration.ablations import all_methods
from hitsr.measure.metrics import declared_metrics

BASE_TOKENS = 64
"""Tokens of a window from which the number of pooled values is constant (HiT-SR: 8x8), so that a growth shows."""


@dataclass
class Evidence:
    """What was found.

    Attributes:
        outcome: whether the claim holds by these numbers; None if they do not decide it.
        figure: the numbers, in words.
        interval: their interval, or what stands for it.
        unmeasured: methods and operators without measurements.
        missing: why the numbers decide nothing.
        sources: measurement files.
        methods: methods whose conditions count.
        datasets: test sets that were used, with their number of images.
    """

    outcome: bool | None = None
    figure: str = ""
    interval: str = ""
    unmeasured: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    datasets: dict[str, int] = field(default_factory=dict)


def gather(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """Evidence for a claim of `hitsr/catalogs/claims.yaml`."""
    return TESTS[claim["test"]](table, config, claim)


def ratio(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """Ratio of a cost between the methods of each pair, at every scale of the run.

    A counted quantity is exact. A latency has an interval: from the 10th and 90th percentiles of both.
    """
    evidence, holds, ranges = Evidence(), [], []
    for above, below in claim["pairs"]:
        found = {s: _ratio(table, config, claim, above, below, s) for s in config["scales"]}
        found = {scale: value for scale, value in found.items() if value}
        if not found:
            evidence.unmeasured += [above, below]
            continue
        evidence.methods += [above, below]
        for scale, (low, value, high, sources) in found.items():
            evidence.figure += f"{'; ' if evidence.figure else ''}{above} / {below} ×{scale}: {value:.3g}"
            evidence.sources += sources
            ranges.append("exact" if low == high else f"{low:.3g} to {high:.3g}")
            holds.append(_bounded(claim, low, high))
    evidence.interval = "counted, exact" if set(ranges) == {"exact"} else "; ".join(ranges)
    return _concluded(evidence, claim, holds, "the spread of the timings contains the bound")


def _ratio(
    table: pd.DataFrame, config: dict, claim: dict, above: str, below: str, scale: int
) -> tuple[float, float, float, list[str]] | None:
    """Lowest, central and highest ratio, and the files."""
    first, second = (cost(table, config, claim["quantity"], m, scale, claim["where"]) for m in (above, below))
    if not first or not second:
        return None
    value, sources = first.value / second.value, [*first.files, *second.files]
    if claim["quantity"] != "latency_median":
        return value, value, value, sources
    spread = {
        (m, p): cost(table, config, f"latency_{p}", m, scale, claim["where"]).value
        for m in (above, below)
        for p in ("p10", "p90")
    }
    return spread[above, "p10"] / spread[below, "p90"], value, spread[above, "p90"] / spread[below, "p10"], sources


def cost(table: pd.DataFrame, config: dict, quantity: str, method: str, scale: int, where: dict) -> Number | None:
    """A cost of a network; its size is that of the published network, counted beside a reduced one."""
    if method not in config["methods"]:
        return None
    if quantity in SIZES:
        return size(table, config, quantity, method, scale)
    return timed(table, config, quantity, method, scale, where["implementation"])


def _bounded(claim: dict, low: float, high: float) -> bool | None:
    """Whether an interval lies within the claim's bound; None if it contains the bound."""
    if "below" in claim:
        return True if high < claim["below"] else False if low >= claim["below"] else None
    return True if low >= claim["at_least"] else False if high < claim["at_least"] else None


def paired(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """Difference of a score over the same images, for each pair, scale and test set; corrected for their number.

    A base that the run trains by its own recipe and by ours is compared with twice.
    """
    evidence = Evidence()
    sets = [claim["where"]["dataset"]] if "dataset" in claim["where"] else config["test_sets"]
    pairs = [
        (ours, name)
        for ours, theirs in claim["pairs"]
        for name in (theirs, _control(config, ours, theirs))
        if name is not None
    ]
    wanted = [Pair(*pair, scale, name) for pair in pairs for scale in config["scales"] for name in sets]
    found = differences(table, claim["quantity"], wanted)
    for ours, theirs in pairs:
        known = any((pair.method, pair.base) == (ours, theirs) for pair in found)
        (evidence.methods if known else evidence.unmeasured).extend([ours, theirs])
    metric = declared_metrics(config["plugins"]).get(claim["quantity"])
    sign = metric.declaration.sign if metric else 1
    parts, ranges, holds, reasons = [], [], [], []
    for pair, (c, files) in found.items():
        parts.append(f"{pair.method} − {pair.base}, {pair.dataset} ×{pair.scale}: {c.difference:+.3f}")
        ranges.append(f"[{c.low:+.3f}, {c.high:+.3f}]")
        holds.append(sign * c.difference > 0 if c.separated else None)
        reasons += [c.why_not] if c.why_not else []
        evidence.sources += files
        evidence.datasets[pair.dataset] = c.images
    evidence.figure = "; ".join(parts)
    evidence.interval = "; ".join(ranges) + (f" ({LEVEL:.0%} over images)" if ranges else "")
    why = "; ".join(dict.fromkeys(reasons))
    return _concluded(evidence, claim, holds, f"the data do not separate the methods ({why})")


def growth(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """Exponent of the cost of one window in its tokens: 1 is linear, 2 quadratic. Windows of 64 tokens and more."""
    evidence, holds, parts, ranges = Evidence(), [], [], []
    for operator, bound in claim["operators"].items():
        rows = numbers(table, claim["quantity"], method=operator, implementation="reference")
        fit = exponent(rows)
        if fit is None:
            evidence.unmeasured.append(operator)
            continue
        value, margin = fit
        parts.append(f"{operator}: tokens^{value:.2f}{_growth_of_time(table, operator)}")
        ranges.append(f"±{margin:.2f}")
        evidence.sources += list(rows.file.unique())
        holds.append(bound.get("at_least", -math.inf) <= value <= bound.get("at_most", math.inf))
    evidence.figure, evidence.interval = "; ".join(parts), "; ".join(ranges)
    return _concluded(evidence, claim, holds, "")


def _growth_of_time(table: pd.DataFrame, operator: str) -> str:
    """Exponents of the measured time, which need not follow the count; empty if none was measured."""
    fits = {
        name: exponent(numbers(table, "operator_latency", method=operator, implementation=name))
        for name in ("reference", "optimized")
    }
    shown = [f"{name} {fit[0]:.1f}" for name, fit in fits.items() if fit]
    return f" (time: {', '.join(shown)})" if shown else ""


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


def convergence(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """Share of its training after which a method first reaches the other's final validation score, by pair.

    Only curves of one recipe can be compared: a base that the run also trains by ours is judged by that training.
    """
    evidence, holds, parts = Evidence(), [], []
    for ours, published in claim["pairs"]:
        theirs = _control(config, ours, published) or published
        for scale in config["scales"]:
            share, files = _share(table, claim["quantity"], ours, theirs, scale)
            if share is None:
                evidence.unmeasured += [ours, theirs]
                continue
            shown = f"after {share:.0%} of the iterations" if share <= 1 else "never"
            parts.append(f"{ours} reaches the final score of {theirs} ×{scale} {shown}")
            holds.append(share < claim["below"])
            evidence.sources += files
            evidence.methods += [ours, theirs]
    evidence.figure = "; ".join(parts)
    evidence.interval = "mean over seeds, read at the validation steps" if parts else ""
    return _concluded(evidence, claim, holds, "")


def _control(config: dict, ours: str, theirs: str) -> str | None:
    return lineup.control(config, ours, theirs) if ours in all_methods(config) else None


def _share(table: pd.DataFrame, quantity: str, ours: str, theirs: str, scale: int) -> tuple[float | None, list[str]]:
    rows = [numbers(table, quantity, method=m, scale=scale) for m in (ours, theirs)]
    if any(r.empty for r in rows):
        return None, []
    curve, other = (r.groupby(r.iteration.astype(int)).value.mean() for r in rows)
    reached = curve.index[curve >= other.iloc[-1]]
    share = reached[0] / other.index[-1] if len(reached) else math.inf
    return float(share), [file for r in rows for file in r.file.unique()]


def _concluded(evidence: Evidence, claim: dict, holds: list[bool | None], undecided: str) -> Evidence:
    """One outcome of all comparisons: any that fails decides, otherwise all must hold and none be missing."""
    evidence.sources = list(dict.fromkeys(evidence.sources))
    evidence.methods = list(dict.fromkeys(evidence.methods))
    absent = [name for name in dict.fromkeys(evidence.unmeasured) if name not in evidence.methods]
    if evidence.unmeasured:
        where = "".join(f", {value}" for value in claim["where"].values())
        names = ", ".join(absent or dict.fromkeys(evidence.unmeasured))
        evidence.missing.append(f"not in this run: {claim['quantity']}{where} of {names}")
    if False in holds:
        evidence.outcome = False
    elif holds and None not in holds and not evidence.missing:
        evidence.outcome = True
    elif None in holds:
        evidence.missing.append(undecided)
    return evidence


TESTS = {"ratio": ratio, "paired": paired, "growth": growth, "convergence": convergence}
