"""Paired differences of every method against the one that it converts, and against its same-recipe control."""

import math

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.differences import Pair, differences, pairs_with_bases
from hitsr.analysis.statistics import LEVEL, Comparison
from hitsr.report.cells import Cell, Grid, missing, number_cell
from hitsr.report.tables.common import recipe_notes, scale_cell

HEADERS = ["Method", "against", "Scale", "Test set", "Images", "Trainings"]
METRICS = {"psnr": ("PSNR", "+.3f"), "ssim": ("SSIM", "+.5f")}


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Paired differences with intervals and tests; a block per scale."""
    pairs = pairs_with_bases(config, list(config["methods"]))
    found = {metric: differences(table, metric, pairs) for metric in METRICS}
    measured = [pair for pair in pairs if pair in found["psnr"]]
    rows = {scale: [_row(pair, found) for pair in measured if pair.scale == scale] for scale in config["scales"]}
    headers = list(HEADERS)
    for title, _ in METRICS.values():
        headers += [f"{title} {part}" for part in ("difference", f"{LEVEL:.0%} interval", "p", "separated")]
    controls = lineup.controlled(config)
    caption = f"Run {config['run']}: paired differences over images from the network that each method converts" + (
        ", as published and trained by the same recipe (its control)." if controls else "."
    )
    groups = [("", len(HEADERS)), *((title, 4) for title, _ in METRICS.values())]
    return Grid(
        "statistics",
        caption,
        headers,
        list(rows.values()),
        [*notes(config, list(found["psnr"].values())), *recipe_notes(config)],
        groups,
    )


def notes(config: dict, found: list[tuple[Comparison, tuple[str, ...]]]) -> list[str]:
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


def _row(pair: Pair, found: dict[str, dict]) -> list[Cell]:
    comparison, _ = found["psnr"][pair]
    row = [Cell(pair.method), Cell(pair.base), scale_cell(pair.scale), Cell(pair.dataset)]
    row += [Cell(str(comparison.images), comparison.images), Cell(str(comparison.seeds), comparison.seeds)]
    for metric, (_, form) in METRICS.items():
        row += difference_cells(found[metric].get(pair), form)
    return row


def difference_cells(found: tuple[Comparison, tuple[str, ...]] | None, form: str) -> list[Cell]:
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
        Cell(f"{max(tests):.3f}", max(tests), files=files),
        Cell("yes" if comparison.separated else "no"),
    ]
