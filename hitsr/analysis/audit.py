"""Audit of the complexity columns of Table 2: by which convention of counting each printed figure comes out.

Conventions are tried, from the fewest departures from fvcore at the input rounded up, until one gives every figure of
a method at the scales of the run: a row of a table was made at once, and a convention that fits one cell alone fits by
chance. What none gives is unexplained, or above every count that there is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from hitsr.analysis import published
from hitsr.analysis.measurements import Number, number

if TYPE_CHECKING:
    import pandas as pd

EQUAL = "equal"
UNEXPLAINED = "unexplained"
ABOVE = "above every count"
NOT_COUNTED = "not countable"
OPEN = (UNEXPLAINED, ABOVE, NOT_COUNTED)
"""Verdicts on figures that no count gives."""
MIXED = "other figures of this row are not of this counter"
MARGIN = 0.01
"""A figure that exceeds every count by more than this share is of another network, or of a faulty counter."""
COUNTERS = {
    "fvcore": "fvcore",
    "torch": "convolutions, linear layers and products only (PyTorch's counter)",
    "layers": "layers only (thop's convention)",
    "ptflops_aten": "ptflops, dispatched operations",
    "ptflops_pytorch": "ptflops, hooks",
}
"""Counters of multiply-adds, and what they are called in a verdict."""
WIDTHS = {"ceil": "", "exact": "an input that is not rounded", "floor": "an input rounded down"}
SIZES = {
    "parameters": "",
    "parameters_layers": "layers only (thop's convention)",
    "parameters_trainable": "without frozen parameters",
}
"""Ways of counting parameters."""
QUANTITIES = {"parameters": ("params_k", 1e3, 0), "macs": ("flops_g", 1e9, 1)}
"""Column, unit and digits of the printed figures."""


@dataclass(frozen=True)
class Convention:
    """One way of counting and printing.

    Attributes:
        count: a counter of `COUNTERS`, or one of `SIZES`.
        width: one of `WIDTHS`.
        cut: whether further digits are cut off instead of rounded.
    """

    count: str
    width: str = "ceil"
    cut: bool = False

    def __str__(self) -> str:
        words = {**COUNTERS, **SIZES}[self.count]
        parts = ["" if words == "fvcore" else words, WIDTHS[self.width], "cut instead of rounded" if self.cut else ""]
        return ", ".join(part for part in parts if part)

    @property
    def departures(self) -> int:
        """In how many things it differs from the suite's own."""
        return (self.count not in ("fvcore", "parameters")) + (self.width != "ceil") + self.cut


@dataclass(frozen=True)
class Audited:
    """One printed figure and what is known of it.

    Attributes:
        quantity: "parameters" or "macs".
        printed: as printed, in K or G.
        counts: value by convention as named in `COUNTERS` or `SIZES`, in K or G; with `_floor` for the input
            rounded down.
        verdict: `EQUAL`, the convention that gives it, or why there is none.
        remark: what else is to be said of it, in a sentence.
    """

    method: str
    scale: int
    quantity: str
    printed: float
    counts: dict[str, Number]
    verdict: str
    remark: str = ""


def audit(table: pd.DataFrame, config: dict) -> list[Audited]:
    """Every printed complexity figure of Table 2 at the scales of the run, in the table's order."""
    found = []
    table = table[table.kind == "complexity"]
    for method in dict.fromkeys(method for method, _ in published.table2().index):
        for quantity in QUANTITIES:
            found += _row(table, config, method, quantity)
    return sorted(found, key=lambda each: (each.scale, each.quantity != "parameters"))


def _row(table: pd.DataFrame, config: dict, method: str, quantity: str) -> list[Audited]:
    """The figures of one method over the scales, judged together."""
    column, unit, digits = QUANTITIES[quantity]
    figures = {scale: published.printed(method, scale, column) for scale in config["scales"]}
    printed = {scale: figure for scale, figure in figures.items() if figure is not None}
    entry = config["methods"].get(method)
    if entry is None or entry["options"] or not entry["network"]:
        why = "the run does not count it" if entry is None else "not at its published size in this run"
        return [Audited(method, scale, quantity, figure, {}, NOT_COUNTED, why) for scale, figure in printed.items()]
    output = config["complexity"]["output"]
    if quantity == "macs" and output != list(published.OUTPUT):
        why = f"counted for an output of {output[0]}x{output[1]} in this run"
        return [Audited(method, scale, quantity, figure, {}, NOT_COUNTED, why) for scale, figure in printed.items()]
    counts = {scale: _counts(table, method, scale, quantity, unit) for scale in printed}
    ways = _conventions(quantity)
    fitting = [way for way in ways if all(_gives(way, counts[s], printed[s], digits, s) for s in printed)]
    found = []
    for scale, figure in printed.items():
        verdict, remark = _judged(fitting, counts[scale], figure, digits, scale, ways[0])
        found.append(Audited(method, scale, quantity, figure, counts[scale], verdict, remark))
    return found


def _judged(
    fitting: list[Convention], counts: dict[str, Number], printed: float, digits: int, scale: int, own: Convention
) -> tuple[str, str]:
    """Verdict on one figure, given the conventions that give the whole row."""
    if not counts:
        return NOT_COUNTED, "not counted in this run"
    if _gives(own, counts, printed, digits, scale):
        return EQUAL, _of_equal(fitting, counts, printed, digits, own)
    if fitting:
        best = [way for way in fitting if way.departures == fitting[0].departures]
        others = "; or ".join(str(way) for way in best[1:])
        return str(best[0]), f"the whole row fits also as: {others}" if others else ""
    largest = max(found.value for name, found in counts.items() if not name.endswith("_floor"))
    if printed > largest * (1 + MARGIN):
        return ABOVE, f"{printed / largest - 1:.1%} more than the largest count: of another network or a faulty counter"
    return UNEXPLAINED, "no convention that was tried gives it"


def _of_equal(fitting: list[Convention], counts: dict, printed: float, digits: int, own: Convention) -> str:
    if not fitting:
        return MIXED
    if own not in fitting:
        return f"the row as a whole: {fitting[0]}"
    trainable = counts.get("parameters_trainable")
    if trainable and not _same(trainable.value, printed, digits, cut=False):
        return "frozen parameters are counted"
    return ""


def _conventions(quantity: str) -> list[Convention]:
    """Those that are tried, the fewest departures first; of as many, another counter before another size or cutting."""
    counts = SIZES if quantity == "parameters" else COUNTERS
    widths = WIDTHS if quantity == "macs" else ("ceil",)
    found = [Convention(count, width, cut) for cut, width, count in product((False, True), widths, counts)]
    return sorted(found, key=lambda way: way.departures)


def _counts(table: pd.DataFrame, method: str, scale: int, quantity: str, unit: float) -> dict[str, Number]:
    where = {"method": method, "scale": scale}
    if quantity == "parameters":
        names = {"parameters": "parameters", "parameters_layers": "parameters_layers"}
    else:
        names = {f"{name}{end}": f"macs_{name}{end}" for name in COUNTERS for end in ("", "_floor")}
    found = {name: number(table, counted, **where) for name, counted in names.items()}
    known = {name: Number(each.value / unit, each.files) for name, each in found.items() if each}
    frozen = number(table, "parameters_frozen", **where)
    if quantity == "parameters" and frozen and "parameters" in known:
        known["parameters_trainable"] = Number(known["parameters"].value - frozen.value / unit, frozen.files)
    return known


def _gives(way: Convention, counts: dict[str, Number], printed: float, digits: int, scale: int) -> bool:
    value = _value(way, counts, scale)
    return value is not None and _same(value, printed, digits, way.cut)


def _value(way: Convention, counts: dict[str, Number], scale: int) -> float | None:
    high, low = counts.get(way.count), counts.get(f"{way.count}_floor")
    if high is None or way.width == "ceil" or not _rounded(scale):
        return high.value if high else None
    if low is None:
        return None
    share = published.OUTPUT[0] / scale % 1
    return low.value + (high.value - low.value) * (share if way.width == "exact" else 0)


def _rounded(scale: int) -> bool:
    """Whether the published output has no input of whole pixels at a scale."""
    return published.OUTPUT[0] % scale != 0


def _same(value: float, printed: float, digits: int, cut: bool) -> bool:
    scaled = value * 10**digits
    # a hair more than the count, which binary fractions may miss
    found = math.floor(scaled + 1e-9) / 10**digits if cut else value
    return format(found, f".{digits}f") == format(printed, f".{digits}f")
