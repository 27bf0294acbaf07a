"""Ratio of a cost between the methods of each pair, at every scale of the run."""

import pandas as pd

from hitsr.analysis.conditions import SIZES, device_of, network_differs, size
from hitsr.analysis.costs import timed
from hitsr.analysis.evidence.base import Evidence, Result, concluded
from hitsr.analysis.measurements import Number

TIME = "latency_median"
UNITS = {
    "parameters": (1e3, ",.1f", "K"),
    "macs": (1e9, ".2f", "G"),
    TIME: (1, ".1f", "ms"),
    "peak_memory": (1, ".1f", "MiB"),
}
"""What is shown of a quantity: its divisor, format and unit, as in the tables."""


def ratio(table: pd.DataFrame, config: dict, claim: dict) -> Evidence:
    """Ratio of the first method of each pair to the second.

    A counted quantity is exact. A latency has an interval: from the 10th and 90th percentiles of both.
    """
    evidence, holds = Evidence(), []
    for above, below in claim["pairs"]:
        tried = {s: _ratio(table, config, claim, above, below, s) for s in config["scales"]}
        found = {scale: value for scale, value in tried.items() if value}
        if not found:
            evidence.unmeasured += [above, below]
            continue
        evidence.methods += [above, below]
        for scale, (low, value, high, numbers) in found.items():
            interval = f"{low:.3g} to {high:.3g}" if claim["quantity"] == TIME else ""
            interval = "counted, exact" if claim["quantity"] in SIZES else interval
            said = f"{above} / {below} ×{scale}: {value:.3g} ({_shown(claim['quantity'], numbers)})"
            evidence.results.append(Result(said, interval))
            evidence.sources += [file for number in numbers for file in number.files]
            holds.append(_bounded(claim, low, high))
    evidence.conditions = _conditions(evidence, config, claim)
    return concluded(evidence, claim, holds, "the spread of the timings contains the bound")


def _ratio(
    table: pd.DataFrame, config: dict, claim: dict, above: str, below: str, scale: int
) -> tuple[float, float, float, tuple[Number, Number]] | None:
    """Lowest, central and highest ratio, and the two numbers."""
    first, second = (_cost(table, config, claim["quantity"], m, scale, claim["where"]) for m in (above, below))
    if not first or not second:
        return None
    value = first.value / second.value
    if claim["quantity"] != TIME:
        return value, value, value, (first, second)
    ends = {
        (m, p): _cost(table, config, f"latency_{p}", m, scale, claim["where"])
        for m in (above, below)
        for p in ("p10", "p90")
    }
    spread = {key: end.value for key, end in ends.items() if end}
    if len(spread) < len(ends):
        return None
    low, high = (spread[above, p] / spread[below, q] for p, q in (("p10", "p90"), ("p90", "p10")))
    return low, value, high, (first, second)


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


def _bounded(claim: dict, low: float, high: float) -> bool | None:
    """Whether an interval lies within the claim's bound; None if it contains the bound."""
    if "below" in claim:
        return True if high < claim["below"] else False if low >= claim["below"] else None
    return True if low >= claim["at_least"] else False if high < claim["at_least"] else None


def _conditions(evidence: Evidence, config: dict, claim: dict) -> list[str]:
    if not evidence.sources:
        return []
    if claim["quantity"] not in SIZES:
        (width, height), threads = config["latency"]["input"], config["latency"]["threads"]
        device = device_of(evidence.sources[0])[0]
        return [device, f"input {width}×{height}", f"{threads} thread{'s' if threads > 1 else ''}"]
    width, height = config["complexity"]["output"]
    parts = [f"×{', ×'.join(map(str, config['scales']))}, output {width}×{height}"]
    reduced = [method for method in evidence.methods if network_differs(config, method)]
    if reduced:
        parts.append(f"networks of published size, counted beside the reduced ones of this run ({', '.join(reduced)})")
    return parts
