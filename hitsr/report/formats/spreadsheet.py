"""A table as CSV, for spreadsheets and programs."""

import csv
import io

from hitsr.report.cells import MISSING, Cell, Grid
from hitsr.results.records import FORMULA


def as_csv(grid: Grid) -> str:
    """Unrounded numbers in the units of the headers, and in a last column the measurement files they come from."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*map(as_text, grid.headers), "files"])
    for row in grid.rows:
        files = dict.fromkeys(file for cell in row for file in cell.files)
        writer.writerow([*map(_value, row), as_text("; ".join(files))])
    return buffer.getvalue()


def as_text(text: str) -> str:
    """Text that no spreadsheet computes."""
    line = " ".join(text.split())
    return f"'{line}" if text.startswith(FORMULA) else line


def _value(cell: Cell) -> object:
    if cell.value is None:
        return "" if cell.text == MISSING else as_text(cell.text)
    return as_text(cell.value) if isinstance(cell.value, str) else cell.value
