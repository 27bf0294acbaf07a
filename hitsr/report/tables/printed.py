"""Table 2 of the paper as printed, with its implausible figures flagged and left out of the ranking."""

import pandas as pd

from hitsr.analysis import published
from hitsr.analysis.plausibility import Doubt
from hitsr.measure.metrics import declared_metrics
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid
from hitsr.report.columns import MACS, printed_cell, rank_columns, scale_cell

TABLE = contents.Table(
    name="printed",
    title="As printed",
    about="Table 2 of the paper as printed; implausible figures are flagged and not ranked.",
    paper="Table 2",
)

FLAG = "†"
FORMS = {"psnr": ".2f", "ssim": ".4f"}


def make(table: pd.DataFrame, config: dict) -> Grid:
    """The printed figures at the run's scales; nothing here is measured."""
    doubted = {key: doubt for key, doubt in published.doubted().items() if doubt.scale in config["scales"]}
    columns = [(name, metric) for name in published.COLUMN for metric in FORMS]
    known = declared_metrics()
    headers = ["Method", "Scale", "#Params (K)", MACS, *(f"{name} {metric.upper()}" for name, metric in columns)]
    blocks = []
    for scale in config["scales"]:
        rows = [_row(method, scale, columns, doubted) for method, s in published.table2().index if s == scale]
        blocks.append(rank_columns(rows, dict(enumerate([known[metric].declaration for _, metric in columns], 4))))
    notes = [f"†: implausible, and not ranked: {_sentence(doubt)}" for doubt in doubted.values()]
    caption = "Table 2 of HiT-SR as printed, nothing measured here; best bold, second underlined."
    groups = [("", 4), *((name, 2) for name in published.COLUMN)]
    return Grid(caption, headers, blocks, notes, groups)


def _row(method: str, scale: int, columns: list[tuple[str, str]], doubted: dict) -> list[Cell]:
    row = [Cell(method), scale_cell(scale)]
    sizes = (("params_k", ",.0f"), ("flops_g", ".1f"))
    row += [_cell(method, scale, column, form) for column, form in sizes]
    for name, metric in columns:
        column = f"{published.COLUMN[name]}_{metric}"
        cell = _cell(method, scale, column, FORMS[metric])
        # a cell without a value is not ranked
        row.append(Cell(f"{cell.text}{FLAG}", files=cell.files) if (method, scale, column) in doubted else cell)
    return row


def _cell(method: str, scale: int, column: str, form: str) -> Cell:
    return printed_cell(published.printed(method, scale, column), form, published.file_of(method, scale, column))


def _sentence(doubt: Doubt) -> str:
    metric = doubt.column.rsplit("_", 1)[1].upper()
    name = next(name for name, column in published.COLUMN.items() if doubt.column.startswith(f"{column}_"))
    return f"{doubt.method} ×{doubt.scale}, {metric} {doubt.value:g} on {name}: {doubt.reason}."
