"""Paired differences of every method against the one that it converts, and against its same-recipe control."""

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.differences import Pair, differences, pairs_with_bases
from hitsr.analysis.statistics import LEVEL
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid
from hitsr.report.columns import recipe_notes, scale_cell
from hitsr.report.differences import difference_cells, difference_notes

TABLE = contents.Table(
    name="statistics",
    title="Paired differences",
    about="How much each method gains over the network that it converts, as published and under one recipe "
    "where the run has both, with intervals and tests over images.",
    needs=("quality",),
    cites=("efron1987bca", "wilcoxon1945ranking", "holm1979multiple"),
)

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
        caption,
        headers,
        list(rows.values()),
        [*difference_notes(config, list(found["psnr"].values())), *recipe_notes(config)],
        groups,
    )


def _row(pair: Pair, found: dict[str, dict]) -> list[Cell]:
    comparison, _ = found["psnr"][pair]
    row = [Cell(pair.method), Cell(pair.base), scale_cell(pair.scale), Cell(pair.dataset)]
    row += [Cell(str(comparison.images), comparison.images), Cell(str(comparison.seeds), comparison.seeds)]
    for metric, (_, form) in METRICS.items():
        row += difference_cells(found[metric].get(pair), form)
    return row
