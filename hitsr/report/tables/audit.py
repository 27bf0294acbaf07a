"""Audit of Table 2: each printed complexity figure, every count of it, and the convention by which it comes out."""

from collections import Counter

import pandas as pd

from hitsr.analysis import audit_quality, published
from hitsr.analysis.audit import ABOVE, EQUAL, MIXED, NOT_COUNTED, OPEN, QUANTITIES, UNEXPLAINED, Audited, audit
from hitsr.networks.registry import networks
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured
from hitsr.report.columns import listed, printed_cell, scale_cell

TABLE = contents.Table(
    name="audit",
    title="Audit of printed complexity",
    about="Every complexity figure of Table 2 against all counts of it, and the convention by which it comes out.",
    needs=("complexity",),
    paper="Table 2, #Params, FLOPs",
)
TITLES = {"parameters": "#Params (K)", "macs": "FLOPs (G)"}
COUNTS = {
    "all parameters / fvcore": ("parameters", "fvcore"),
    "trainable": ("parameters_trainable",),
    "thop": ("parameters_layers", "layers"),
    "torch": ("torch",),
    "ptflops (aten)": ("ptflops_aten",),
    "ptflops (hooks)": ("ptflops_pytorch",),
    "fvcore, width cut": ("fvcore_floor",),
}
"""Columns, and the counts of parameters and of multiply-adds that they show."""


def make(table: pd.DataFrame, config: dict) -> Grid:
    """A row per printed figure; a block per scale and quantity."""
    everything = audit(table, config)
    found = [each for each in everything if each.verdict != NOT_COUNTED or each.method not in networks()]
    # a counter that this run did not use has no column
    columns = {
        title: names for title, names in COUNTS.items() if any(set(names) & each.counts.keys() for each in found)
    }
    headers = ["Method", "Scale", "Figure", "printed", *columns, "Verdict", "Remark"]
    groups: dict[tuple[int, str], list[list[Cell]]] = {}
    for each in found:
        groups.setdefault((each.scale, each.quantity), []).append(_cells(each, columns))
    notes = [
        findings(found, config),
        "Verdicts are found by trying conventions, those with the fewest departures from fvcore at the input rounded "
        "up first, until one gives all figures of a method: another counter; an input that is not rounded (1280/3) or "
        "rounded down (426); figures that are cut instead of rounded. Above every count: by more than 1 %.",
        "torch: PyTorch's counter, two operations per multiply-add, halved. thop: convolutions, linear layers and "
        "norms by their modules alone. ptflops counts at the scales that `complexity.ptflops_scales` names.",
        *_left_out(everything),
        *_stated(found),
    ]
    caption = f"Run {config['run']}: complexity figures printed in Table 2 of HiT-SR, and counted here."
    return Grid(caption, headers, list(groups.values()), notes)


def _left_out(found: list[Audited]) -> list[str]:
    """Networks that could be counted, and that the run does not have."""
    names = dict.fromkeys(each.method for each in found if each.verdict == NOT_COUNTED and each.method in networks())
    return [f"Not in this run: {', '.join(names)}; `make complexity` audits all."] if names else []


def _cells(each: Audited, columns: dict[str, tuple[str, ...]]) -> list[Cell]:
    _, _, digits = QUANTITIES[each.quantity]
    file = published.file_of(each.method, each.scale, QUANTITIES[each.quantity][0])
    counts = [
        measured(next((each.counts[name] for name in names if name in each.counts), None), ".3f")
        for names in columns.values()
    ]
    start = [Cell(each.method), scale_cell(each.scale), Cell(TITLES[each.quantity])]
    return [*start, printed_cell(each.printed, f".{digits}f", file), *counts, Cell(each.verdict), Cell(each.remark)]


def findings(found: list[Audited], config: dict) -> str:
    """What the audit comes to, in one paragraph."""
    counted = [each for each in found if each.verdict != NOT_COUNTED]
    kinds = Counter(each.verdict for each in counted)
    parts = [f"Of {len(found)} printed complexity figures {len(counted)} can be counted, and {kinds[EQUAL]} are equal"]
    explained = {verdict: n for verdict, n in kinds.items() if verdict not in (EQUAL, *OPEN)}
    if explained:
        ways = [f"{n} by {verdict} ({_methods(counted, verdict)})" for verdict, n in explained.items()]
        parts.append(f"{sum(explained.values())} come out otherwise: {listed(ways)}")
    for verdict in (ABOVE, UNEXPLAINED):
        if kinds[verdict]:
            are = "is" if kinds[verdict] == 1 else "are"
            parts.append(f"{kinds[verdict]} {are} {verdict} ({_methods(counted, verdict)})")
    mixed = list(dict.fromkeys(each.method for each in counted if each.remark == MIXED))
    if mixed:
        parts.append(f"a row that mixes counters: {', '.join(mixed)}")
    left = sorted({each.method for each in found if each.verdict == NOT_COUNTED})
    if left:
        parts.append(f"not countable: {', '.join(left)}")
    doubts = {(each.method, each.scale, each.column): each for each in audit_quality.suspicions(config)}
    if doubts:
        said = [
            f"{each.method} ×{each.scale} {audit_quality.titled(each.column)} {audit_quality.shown(each)}"
            for each in doubts.values()
        ]
        parts.append(f"of the figures of quality, {len(doubts)} do not agree with others: {listed(said)}")
    return f"Findings: {'; '.join(parts)}."


def _methods(found: list[Audited], verdict: str) -> str:
    of = [each for each in found if each.verdict == verdict]
    scales: dict[str, list[str]] = {}
    for each in of:
        scales.setdefault(f"{each.method} {each.quantity}", []).append(f"×{each.scale}")
    return ", ".join(f"{name.replace('macs', 'FLOPs')} {' '.join(own)}" for name, own in scales.items())


def _stated(found: list[Audited]) -> list[str]:
    """What is known, and not found by a count here, of figures that no convention gives."""
    known = published.conventions()
    return [
        f"{each.method} ×{each.scale}, stated in {published.WHERE}/conventions.yaml: {reason}."
        for each in found
        if each.verdict in OPEN and (reason := known.get((each.method, each.scale, each.quantity)))
    ]
