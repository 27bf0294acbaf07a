"""Table 2 of the paper: what was measured here, and beneath it what is printed and by how much they differ."""

from __future__ import annotations

import pandas as pd

from hitsr.analysis import published
from hitsr.analysis.identity import Sets
from hitsr.analysis.measurements import number
from hitsr.analysis.plausibility import Doubt
from hitsr.measure.metrics import Metric, declared_metrics
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured, missing, number_cell
from hitsr.report.columns import MACS, MACS_NOTE, method_cell, printed_cell, rank_columns, scale_cell, size_cell
from hitsr.report.tables import comparison
from hitsr.report.tables.comparison import Figure

TABLE = contents.Table(
    name="table2",
    title="Table 2",
    about="Table 2 of the paper as measured here, with the printed figures and the differences beneath.",
    needs=("quality", "complexity", "bicubic"),
    paper="Table 2",
)
METRICS = ("psnr", "ssim")
HERE, PRINTED, DIFFERENCE = "here", "printed", "difference"
FLAG = "†"
SIZES = (("params_k", ",.0f"), ("flops_g", ".1f"))


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Rows of a method below each other; a block per scale. Printed rows are ranked, implausible cells left out."""
    metrics = [declared_metrics()[name].declaration for name in METRICS]
    names = {name: config["datasets"][name].get("public", name) for name in config["test_sets"]}
    sets = {name: public for name, public in names.items() if public in published.COLUMN}
    columns = [(name, metric) for name in sets for metric in metrics]
    headers = [
        "Method",
        "Scale",
        "Source",
        "#Params (K)",
        MACS,
        *(f"{name} {m.title}" for name, m in columns),
        "Verdict",
    ]
    identity, blocks = Sets(table, config), []
    for scale in config["scales"]:
        printed = {method: _printed(config, method, scale, sets, columns) for method in _methods(config)}
        ranked = rank_columns(list(printed.values()), dict(enumerate([metric for _, metric in columns], 5)))
        rows = []
        for method, own in zip(printed, ranked, strict=True):
            rows += _measured(table, config, method, scale, columns, identity) if method in config["methods"] else []
            rows.append(own)
        blocks.append(rows)
    caption = (
        f"Run {config['run']}: Table 2 of HiT-SR, measured here and printed; best printed bold, second underlined."
    )
    given = comparison.GIVEN_WEIGHTS
    notes = [
        MACS_NOTE,
        f"Verdict: how many of the measured figures come out within {given['psnr']} dB and {given['ssim']} SSIM beyond "
        "rounding; the comparison has each, the audit those of complexity.",
        "Bicubic: scored by the protocol of printed rows (docs/protocol.md), where the run has measured that.",
        *_how_to_get(config),
        *[f"{FLAG}: implausible: {doubt.method} ×{doubt.scale}, {doubt.reason}." for doubt in _doubts(config)],
    ]
    groups = [("", 5), *((name, len(metrics)) for name in sets), ("", 1)]
    return Grid(caption, headers, blocks, notes, groups)


def _methods(config: dict) -> list[str]:
    """Methods of the run, then those of Table 2 that it has not, in the order of either."""
    printed = [method for method, _ in published.table2().index]
    ordered = [name for name in config["methods"] if name not in printed]
    return [*ordered, *dict.fromkeys(printed)]


def _measured(
    table: pd.DataFrame,
    config: dict,
    method: str,
    scale: int,
    columns: list[tuple[str, Metric]],
    sets: Sets,
) -> list[list[Cell]]:
    """What was measured of a method, and by how much it differs from what is printed."""
    entry = config["methods"][method]
    figures = {figure.title: figure for figure in comparison.quality(table, config, method, scale, sets)}
    start = [method_cell(method, entry), scale_cell(scale)]
    own = [figures.get(f"{metric.title}, {name}") for name, metric in columns]
    sizes = [size_cell(table, config, quantity, method, scale) for quantity in ("parameters", "macs")]
    here = [*start, Cell(HERE), *sizes]
    for (name, metric), figure in zip(columns, own, strict=True):
        where = {"method": method, "scale": scale, "dataset": name}
        here.append(measured(figure.found if figure else number(table, metric.name, **where), metric.form))
    found = [figure for figure in own if figure and figure.found]
    if not found:
        return [[*here, Cell(_why_not(entry, scale))]]
    differences = [
        number_cell(f.found.value - f.printed, f"+z{m.form}", f.found.files) if f and f.found else missing()
        for (_, m), f in zip(columns, own, strict=True)
    ]
    blank = Cell("")
    return [[*here, Cell(_verdict(found))], [*start, Cell(DIFFERENCE), blank, blank, *differences, blank]]


def _verdict(found: list[Figure]) -> str:
    judged = [figure for figure in found if comparison.agrees(figure) is not None]
    good = sum(bool(comparison.agrees(figure)) for figure in judged)
    if not judged:
        return f"no verdict: {found[0].conditions}"
    worst = [figure.title for figure in judged if not comparison.agrees(figure)]
    return f"{good} of {len(judged)} reproduced" + (f"; not {', '.join(worst)}" if worst else "")


def _printed(
    config: dict, method: str, scale: int, sets: dict[str, str], columns: list[tuple[str, Metric]]
) -> list[Cell]:
    entry = config["methods"].get(method)
    row = [method_cell(method, entry) if entry else Cell(method), scale_cell(scale), Cell(PRINTED)]
    for column, form in SIZES:
        row.append(
            printed_cell(published.printed(method, scale, column), form, published.file_of(method, scale, column))
        )
    for name, metric in columns:
        column = f"{published.COLUMN[sets[name]]}_{metric.name}"
        cell = printed_cell(
            published.printed(method, scale, column), metric.form, published.file_of(method, scale, column)
        )
        # a cell without a value is not ranked
        doubted = (method, scale, column) in published.doubted()
        row.append(Cell(f"{cell.text}{FLAG}", files=cell.files) if doubted else cell)
    return [*row, Cell("" if entry else "printed only")]


def _why_not(entry: dict, scale: int) -> str:
    """Why a method of the run was not scored."""
    how = entry["unavailable"].get(str(scale))
    if how is None:
        return "not measured"
    return f"weights not here: {how.strip('`')}" if how.startswith("`") else "weights not here: see below"


def _how_to_get(config: dict) -> list[str]:
    """What a user does about weights that no command gets."""
    found: dict[str, list[str]] = {}
    for method, entry in config["methods"].items():
        for scale, how in entry["unavailable"].items():
            if not how.startswith("`"):
                found.setdefault(f"{method}: {how.replace(f'_x{scale}.', '_xS.')}", []).append(scale)
    return [f"Weights of {how}." for how in found]


def _doubts(config: dict) -> list[Doubt]:
    return [doubt for doubt in published.doubted().values() if doubt.scale in config["scales"]]
