"""Paired differences as cells of a table, and the notes that say what the columns are."""

import math

from hitsr.analysis.differences import Found
from hitsr.report.cells import Cell, missing, number_cell


def difference_notes(config: dict, found: list[Found]) -> list[str]:
    """What the columns are, and what they cannot say."""
    several = len(config["seeds"]) > 1
    lines = [
        "Interval: bootstrap over images (BCa, 9999 resamples) of the mean difference"
        + (", scores averaged over trainings." if several else "."),
        "p: two-sided Wilcoxon signed-rank test over images"
        + (" and Welch's t-test over trainings, the larger" if several else "")
        + f", corrected for {len(found)} comparison{'s' if len(found) != 1 else ''} (Holm).",
        "Separated: the interval leaves out 0 and p < 0.05; otherwise the data do not say which is better.",
    ]
    if not several:
        lines.append("One training of each method: the interval leaves out chance in training (more `seeds` show it).")
    hopeless = sorted({c.why_not for c, _ in found if "cannot reach" in c.why_not})
    return [*lines, *(f"{text} after this correction, whatever the differences." for text in hopeless)]


def difference_cells(found: Found | None, form: str) -> list[Cell]:
    """Difference, interval, p, and whether the data separate the two."""
    if found is None:
        return [missing()] * 4
    comparison, files = found
    interval = missing()
    if not math.isnan(comparison.low):
        interval = Cell(f"[{comparison.low:{form}}, {comparison.high:{form}}]", files=files)
    tests = [p for p in (comparison.p, comparison.p_seeds) if not math.isnan(p)]
    return [
        number_cell(comparison.difference, form, files),
        interval,
        Cell(f"{max(tests):.3f}", max(tests), files=files) if tests else missing(),
        Cell("yes" if comparison.separated else "no"),
    ]
