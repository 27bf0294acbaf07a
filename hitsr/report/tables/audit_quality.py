"""Printed figures of quality that do not agree with neighbours, other scales, or published curves."""

import pandas as pd

from hitsr.analysis.audit_quality import CLEAR, READING, shown, suspicions, titled
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid
from hitsr.report.columns import scale_cell

TABLE = contents.Table(
    name="audit_quality",
    title="Audit of printed quality",
    about="Figures of Table 2 that do not agree with neighbours, other scales, or the published curves.",
    paper="Table 2",
)
CHECKS = {
    "neighbours": "neighbours: PSNR and SSIM of all methods on one set at one scale lie near one line",
    "scales": "scales: no figure exceeds that of the next smaller scale",
    "pairs": f"pairs: where PSNR differs from that of the converted network by {CLEAR} dB or more, SSIM goes along",
    "curve": f"curve: the published curve of convergence ends there, within {READING} dB for reading it",
}


def make(table: pd.DataFrame, config: dict) -> Grid:
    """A row for each figure that a check finds; nothing here is measured."""
    headers = ["Method", "Scale", "Figure", "printed", "Check", "What does not agree"]
    rows = []
    for found in suspicions(config):
        figure = Cell(shown(found), found.printed)
        place = [Cell(found.method), scale_cell(found.scale), Cell(titled(found.column))]
        rows.append([*place, figure, Cell(found.check), Cell(found.reason)])
    notes = [f"Checks: {'; '.join(CHECKS.values())}."]
    return Grid(
        "Printed figures of quality in Table 2 of HiT-SR that do not agree with others.", headers, [rows], notes
    )
