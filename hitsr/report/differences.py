"""Paired differences as cells of a table, their marks in other tables, and the notes that explain both."""

import math

from hitsr.analysis.differences import Found
from hitsr.analysis.estimates import COVERAGE, LEVEL
from hitsr.analysis.statistics import Comparison
from hitsr.measure.metrics import Metric
from hitsr.report.cells import Cell, missing, number_cell

NOT_SEPARATED, EQUIVALENT = "n.s.", "≡"
"""Marks of a difference that the data do not show, and of one that they show to be negligible."""
INTERVAL = f"{LEVEL:.0%} interval"


def mark_of(comparisons: list[Comparison], negligible: float | None) -> str:
    """The mark of a cell whose method is compared with others; empty where all are separated."""
    if any(not c.separated and not c.equivalent(negligible) for c in comparisons):
        return NOT_SEPARATED
    return EQUIVALENT if any(c.equivalent(negligible) for c in comparisons) else ""


def mark_notes(marks: set[str], metrics: list[Metric], base: str, family: str) -> list[str]:
    """What the marks of a table mean."""
    notes = []
    if NOT_SEPARATED in marks:
        notes.append(f"{NOT_SEPARATED}: the data do not show which is better, it or {base} ({family}).")
    if EQUIVALENT in marks:
        margins = ", ".join(f"{m.negligible:g} {m.unit or m.title}".rstrip() for m in metrics if m.negligible)
        notes.append(
            f"{EQUIVALENT}: differs from {base} by less than {margins}, by two one-sided tests at 5 % each (TOST)."
        )
    return notes


def family_of(found: list[Found], title: str) -> str:
    """The family of comparisons that p-values are corrected for."""
    count = max((comparison.family for comparison, _ in found), default=0)
    plural = "s" if count != 1 else ""
    return f"p < {1 - LEVEL:.2f} after Holm's correction for the {count} comparison{plural} of {title} in this run"


def difference_notes(config: dict, found: list[Found], title: str) -> list[str]:
    """What the columns are, and what they cannot say."""
    several = len(config["seeds"]) > 1
    over = "over trainings and images" if several else "over images"
    lines = [
        f"Interval: Student's t {over}, of this comparison alone. {coverage_note(found)}".rstrip(),
        f"p: of the same test, corrected (Holm) for all comparisons of {title} that this run makes, "
        f"{max((c.family for c, _ in found), default=0)}: methods with their bases, variants with theirs.",
        f"Separated: p < {1 - LEVEL:.2f}; otherwise the data do not say which is better.",
    ]
    if not several:
        lines.append("One training of each method: the interval leaves out chance in training (more `seeds` show it).")
    return lines


def coverage_note(found: list[Found]) -> str:
    """What intervals over few images cover, by simulation; empty where there are many."""
    fewest = min((comparison.images for comparison, _ in found if not math.isnan(comparison.low)), default=0)
    size = max((n for n in COVERAGE if n <= fewest), default=min(COVERAGE))
    normal, skewed = COVERAGE[size]
    if not fewest or skewed >= normal - 2:
        return ""
    return f"Over {size} units it covers {normal} % of normal differences, {skewed} % of very skewed (lognormal) ones."


def difference_cells(found: Found | None, form: str) -> list[Cell]:
    """Difference, interval, p, and whether the data separate the two."""
    if found is None:
        return [missing()] * 4
    comparison, files = found
    interval = missing()
    if not math.isnan(comparison.low):
        interval = Cell(f"[{comparison.low:{form}}, {comparison.high:{form}}]", files=files)
    return [
        number_cell(comparison.difference, form, files),
        interval,
        missing() if math.isnan(comparison.p) else Cell(f"{comparison.p:.3f}", comparison.p, files=files),
        Cell("yes" if comparison.separated else "no"),
    ]
