"""Trainings beside the published curves: on track, ahead or behind."""

import pandas as pd

from hitsr.analysis.reference import DEVIATIONS, LAST, READING, Track, tracks
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, number_cell
from hitsr.report.columns import method_cell, scale_cell

TABLE = contents.Table(
    name="reference",
    title="On the way of the paper",
    about="PSNR recorded while training beside the published curve at the same iteration: on track, ahead or behind.",
    needs=("training",),
    paper="convergence curves",
)

HEADERS = [
    "Method",
    "Scale",
    "Seed",
    "Test set",
    "Iteration",
    "PSNR",
    "published",
    "difference",
    "explained",
    "Verdict",
]


def make(table: pd.DataFrame, config: dict) -> Grid:
    """A row per training and test set that has a published curve."""
    found = tracks(table, config)
    rows = [_row(config, one) for one in found]
    caption = (
        f"Run {config['run']}: PSNR (dB) recorded while training, mean over the last {LAST} measurements that the "
        "published curve has too. Recorded is not selected: nothing is chosen by these numbers."
    )
    notes = [
        f"Explained: {DEVIATIONS} standard deviations of the difference of two trainings of the same kind: their jumps "
        f"from one measurement to the next, the scatter from training to training, and {READING} dB of reading.",
        "Published: read off the convergence figure of the official repository (hitsr/catalogs/published), one "
        "training of each; HiT-SRF as its author recalls it. SwinIR-Light is taken to be trained by HiT-SR's recipe.",
    ]
    if not found:
        notes.insert(0, "No training of this run has a published curve: name test sets under `watched_sets`.")
    return Grid(caption, [*HEADERS, "Conditions"], [rows] if rows else [], notes)


def _row(config: dict, one: Track) -> list[Cell]:
    entry = {**config["methods"], **config["variants"]}[one.method]
    return [
        method_cell(one.method, entry),
        scale_cell(one.scale),
        Cell(str(one.seed), one.seed),
        Cell(one.dataset),
        Cell(f"{one.iteration:,}", one.iteration),
        number_cell(one.ours, ".2f", one.files),
        Cell(f"{one.theirs:.2f}", one.theirs),
        number_cell(one.ours - one.theirs, "+.2f", one.files),
        Cell(f"±{one.band:.2f}", one.band),
        Cell(one.verdict),
        Cell(one.conditions or "as in the paper"),
    ]
