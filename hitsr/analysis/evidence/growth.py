"""Exponent of the cost of one window in its tokens: 1 is linear, 2 quadratic. Windows of 64 tokens and more."""

from hitsr.analysis.evidence.base import Compared, Evidence, Result, bound_of, interval_text
from hitsr.analysis.exponents import exponent
from hitsr.analysis.identity import device
from hitsr.analysis.measurements import numbers
from hitsr.analysis.numerics import numerics
from hitsr.analysis.run import Run
from hitsr.analysis.verdicts import Rule

UNITS = {
    "operator_macs": "nothing that chance changes",
    "operator_latency": "timing rounds",
    "operator_memory": "windows",
}
ESTIMANDS = {
    "operator_macs": "exponent of the multiply-adds of a window in its tokens",
    "operator_latency": "exponent of the time of a window in its tokens",
    "operator_memory": "exponent of the memory of a window in its tokens",
}


def growth(run: Run, claim: dict) -> Evidence:
    """Exponent of each operator of the claim against its bound; the others are shown beside them."""
    table, quantity, implementation = run.costs, claim["quantity"], claim["where"].get("implementation", "reference")
    evidence = Evidence(Rule(ESTIMANDS[quantity], UNITS[quantity], *bound_of(claim)))
    for operator in claim["operators"]:
        rows = numbers(table, quantity, method=operator, implementation=implementation)
        estimate = exponent(rows) if not rows.empty else None
        if rows.empty or estimate is None:
            evidence.unmeasured.append(operator)
            continue
        said = f"{operator}: tokens^{estimate.value:.2f}"
        evidence.compared.append(Compared(Result(said, interval_text(estimate, ".2f")), estimate, operator))
        evidence.sources += list(rows.file.unique())
    beside = []
    for operator in claim["beside"]:
        rows = numbers(table, quantity, method=operator, implementation=implementation)
        estimate = exponent(rows) if not rows.empty else None
        beside += [f"beside it {operator}: tokens^{estimate.value:.2f}"] if estimate else []
    how = f"{implementation} implementation, per window, without projections"
    if evidence.sources and quantity != "operator_macs":
        evidence.conditions = [device(evidence.sources[0])[0], *numerics(evidence.sources[0])]
    evidence.conditions += ["counted by fvcore, " + how if quantity == "operator_macs" else how, *beside]
    return evidence
