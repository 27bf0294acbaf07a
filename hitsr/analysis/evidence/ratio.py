"""Ratio of a cost between the methods of each pair, at the scales of the claim."""

import pandas as pd

from hitsr.analysis import timings
from hitsr.analysis.comparisons import costs_as
from hitsr.analysis.conditions import SIZES, size, size_differs
from hitsr.analysis.costs import timed
from hitsr.analysis.estimates import AnyEstimate, Exact
from hitsr.analysis.evidence.base import Compared, Evidence, Result, bound_of, interval_text
from hitsr.analysis.evidence.paired import scales
from hitsr.analysis.identity import device
from hitsr.analysis.measurements import Number
from hitsr.analysis.numerics import numerics
from hitsr.analysis.run import Run
from hitsr.analysis.verdicts import Rule

TIME = "latency_median"
UNITS = {
    "parameters": (1e3, ",.1f", "K"),
    "macs": (1e9, ".2f", "G"),
    TIME: (1, ".1f", "ms"),
    "peak_memory": (1, ".1f", "MiB"),
}
"""What is shown of a quantity: its divisor, format and unit, as in the tables."""
ESTIMANDS = {
    "parameters": "ratio of parameters",
    "macs": "ratio of multiply-adds",
    TIME: "ratio of median latencies",
    "peak_memory": "ratio of peak memory",
}


def ratio(run: Run, claim: dict) -> Evidence:
    """Ratio of the first method of each pair to the second.

    A counted quantity is exact; a peak of memory is measured once. A latency has the interval of its rounds.
    """
    table, config, quantity = run.costs, run.config, claim["quantity"]
    unit = "timing rounds" if quantity == TIME else "nothing that chance changes"
    rule = Rule(ESTIMANDS[quantity], unit, *bound_of(claim))
    evidence = Evidence(rule)
    for first, second in claim["pairs"]:
        found = False
        for scale in scales(config, claim, first, second):
            pair = [_cost(table, config, quantity, m, scale, claim["where"]) for m in (first, second)]
            if pair[0] is None or pair[1] is None:
                continue
            found = True
            numbers: tuple[Number, Number] = (pair[0], pair[1])
            estimate = _estimate(config, claim, (first, second), numbers)
            value = estimate.value if estimate else numbers[0].value / numbers[1].value
            said = f"{first} / {second} ×{scale}: {value:.3g} ({_shown(quantity, numbers)})"
            interval = "no interval" if estimate is None else interval_text(estimate, ".3g")
            evidence.compared.append(Compared(Result(said, interval), estimate, f"{first} / {second} ×{scale}"))
            if estimate is None:
                evidence.open.append(f"fewer than {timings.FEWEST} rounds, or none recorded, give no interval")
            evidence.sources += [file for number in numbers for file in number.files]
            evidence.networks += [(first, scale), (second, scale)]
        if not found:
            evidence.unmeasured += [first, second]
    evidence.conditions = _conditions(evidence, config, claim)
    return evidence


def _estimate(
    config: dict, claim: dict, methods: tuple[str, str], numbers: tuple[Number, Number]
) -> AnyEstimate | None:
    quantity = claim["quantity"]
    if quantity in SIZES:
        return Exact(numbers[0].value / numbers[1].value)
    if quantity != TIME:
        return Exact(numbers[0].value / numbers[1].value, "measured once each")
    rounds = [
        timings.of_number(number, config, method, claim["where"]["implementation"])
        for number, method in zip(numbers, methods, strict=True)
    ]
    return None if rounds[0] is None or rounds[1] is None else timings.ratio(rounds[0], rounds[1])


def _cost(table: pd.DataFrame, config: dict, quantity: str, method: str, scale: int, where: dict) -> Number | None:
    """A cost of a network; its size is that of the published network, counted beside a reduced one."""
    if method not in config["methods"]:
        return None
    if quantity in SIZES:
        return size(table, config, quantity, method, scale)
    return timed(table, config, quantity, method, scale, where["implementation"])


def _shown(quantity: str, numbers: tuple[Number, Number]) -> str:
    """The two numbers as tables show them."""
    divisor, form, unit = UNITS[quantity]
    return f"{' / '.join(format(number.value / divisor, form) for number in numbers)} {unit}"


def _conditions(evidence: Evidence, config: dict, claim: dict) -> list[str]:
    if not evidence.sources:
        return []
    if claim["quantity"] not in SIZES:
        (width, height), threads = config["latency"]["input"], config["latency"]["threads"]
        name = device(evidence.sources[0])[0]
        shared = [f"input {width}×{height}", f"{threads} thread{'s' if threads > 1 else ''}"]
        return [name, *shared, *numerics(evidence.sources[0])]
    width, height = config["complexity"]["output"]
    counted = sorted({scale for _, scale in evidence.networks})
    parts = [f"×{', ×'.join(map(str, counted))}, output {width}×{height}"]
    reduced = [method for method in evidence.methods if size_differs(config, costs_as(config, method))]
    if reduced:
        parts.append(f"networks of published size, counted beside the reduced ones of this run ({', '.join(reduced)})")
    return parts
