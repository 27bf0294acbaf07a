"""Photographs that are in two data sets of the run."""

import pandas as pd

from hitsr.analysis import leaks
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, number_cell

TABLE = contents.Table(
    name="leaks",
    title="Photographs in two data sets",
    about="Images of training, validation and test sets that are one photograph, by perceptual hash and correlation.",
    needs=("leaks",),
)

HEADERS = (
    "Image",
    "Data set",
    "Use",
    "Same as",
    "Data set of the other",
    "Use of the other",
    "Correlation",
    "Hash distance (bits)",
    "Remedy",
)


def make(table: pd.DataFrame, config: dict) -> Grid:
    """A block of leaks, then one of duplicates."""
    shared = leaks.found(table, config)
    blocks = [[_row(one) for one in shared if one.kind == kind] for kind in leaks.KINDS]
    caption = (
        f"Run {config['run']}: images of its data sets that are one photograph, also scaled, turned, mirrored or "
        f"slightly cropped; {leaks.compared(table)} images compared."
    )
    notes = [
        "A leak is across training, validation and test; a duplicate is within one of these and counts twice in means.",
        "Found by perceptual hash (pHash, 256 bits) and confirmed by normalised correlation; parts smaller than about "
        "95 % of each side are not found reliably.",
    ]
    if not shared:
        notes.insert(0, "None was found.")
    return Grid(caption, list(HEADERS), [block for block in blocks if block], notes)


def _row(one: leaks.Shared) -> list[Cell]:
    words = [Cell(text) for image, name, role in (one.first, one.second) for text in (image, name, role)]
    numbers = [number_cell(one.correlation, ".3f", (one.source,)), number_cell(one.distance, "d", (one.source,))]
    return [*words, *numbers, Cell(one.remedy)]
