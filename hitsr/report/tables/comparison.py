"""Given weights against the printed figures of Table 2."""

import pandas as pd

from hitsr.report import published
from hitsr.report.cells import Cell, Grid, measured, missing, number_cell
from hitsr.report.measurements import number, numbers
from hitsr.report.tables.common import method_cell, printed_cell, scale_cell

PSNR_TOLERANCE, SSIM_TOLERANCE = 0.01, 0.0002
"""Within these of the printed figure, its own rounding allowed for, official weights count as reproduced."""


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Given weights against the printed figures of Table 2."""
    headers = ["Method", "Scale", "Test set", "Images", "printed PSNR", "PSNR", "difference"]
    headers += ["printed SSIM", "SSIM", "difference ", "Verdict"]
    rows = []
    for method, entry in config["methods"].items():
        for scale in config["scales"]:
            for dataset in config["test_sets"]:
                rows.append(_row(table, method, entry, scale, dataset))
    notes = [
        f"Reproduced: within {PSNR_TOLERANCE} dB and {SSIM_TOLERANCE} SSIM of the figure printed in Table 2, "
        "beyond half a unit of its last digit."
    ]
    return Grid("comparison", f"Run {config['run']}: given weights, measured here and printed.", headers, [rows], notes)


def _row(table: pd.DataFrame, method: str, entry: dict, scale: int, dataset: str) -> list[Cell]:
    where = {"method": method, "scale": scale, "dataset": dataset, "variant": "paper"}
    column = published.COLUMN.get(dataset, "")
    count = numbers(table, "psnr", **where).image.nunique()
    row = [method_cell(method, entry), scale_cell(scale), Cell(dataset), Cell(str(count), count)]
    verdicts = []
    for metric, form, tolerance in (("psnr", ".2f", PSNR_TOLERANCE), ("ssim", ".4f", SSIM_TOLERANCE)):
        figure = published.printed(method, scale, f"{column}_{metric}")
        found = number(table, metric, **where)
        row += [printed_cell(figure, form), measured(found, form[0] + str(int(form[1]) + 1) + "f")]
        if found and figure is not None:
            difference = found[0] - figure
            row.append(number_cell(difference, f"+{form[0]}{int(form[1]) + 1}f", found[1]))
            verdicts.append(abs(difference) <= tolerance + 0.5 * 10 ** -int(form[1]))
        else:
            row.append(missing())
    row.append(Cell(("reproduced" if all(verdicts) else "differs") if verdicts else "not printed"))
    return row
