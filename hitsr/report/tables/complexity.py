"""Parameters and multiply-adds by every counter, against the printed figures of Table 2."""

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis import published
from hitsr.analysis.audit import EQUAL, audit
from hitsr.analysis.measurements import number, numbers, record
from hitsr.report import contents
from hitsr.report.cells import MISSING, Cell, Grid, measured, missing
from hitsr.report.columns import MACS_NOTE, method_cell, printed_cell, scale_cell

TABLE = contents.Table(
    name="complexity",
    title="Complexity",
    about="Parameters and multiply-adds by four counters against the printed ones.",
    needs=("complexity",),
    paper="Table 2, #Params, FLOPs",
)

COUNTERS = {
    "fvcore": "fvcore",
    "ptflops_pytorch": "ptflops (hooks)",
    "ptflops_aten": "ptflops (aten)",
    "torch": "torch",
}


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Parameters and multiply-adds by every counter, against the printed figures of Table 2."""
    headers = ["Method", "Scale", "Input", "#Params", "#Params (K)", "printed"]
    headers += [f"{title} (G)" for title in COUNTERS.values()] + ["printed FLOPs (G)", "Verdict"]
    blocks, notes = [], [MACS_NOTE]
    judged = {(each.method, each.scale, each.quantity): each.verdict for each in audit(table, config)}
    for scale in config["scales"]:
        rows = []
        for method in lineup.distinct(config):
            row, reasons = _row(table, config, method, scale, judged)
            rows.append(row)
            notes += [f"{method} ×{scale}: {reason}." for reason in reasons]
        blocks.append(rows)
    caption = f"Run {config['run']}: complexity, counted here and printed in Table 2 of HiT-SR."
    return Grid(caption, headers, blocks, [*notes, *_left_out(table)])


def _row(
    table: pd.DataFrame, config: dict, method: str, scale: int, judged: dict[tuple[str, int, str], str]
) -> tuple[list[Cell], list[str]]:
    where = {"method": method, "scale": scale}
    parameters, macs = (number(table, quantity, **where) for quantity in ("parameters", "macs_fvcore"))
    counted = numbers(table, "macs_fvcore", **where)
    row = [
        method_cell(method, config["methods"][method]),
        scale_cell(scale),
        Cell(counted.input.iloc[0].replace("x", "×")) if len(counted) else missing(),
        measured(parameters, ",.0f"),
        measured(parameters, ".0f", 1e3),
    ]
    verdicts, reasons = [], []
    full_size = not config["methods"][method]["options"]
    printed_k, printed_g = (
        published.printed(method, scale, column) if full_size else None for column in ("params_k", "flops_g")
    )
    row.append(printed_cell(printed_k, ".0f", published.file_of(method, scale, "params_k")))
    row += [measured(number(table, f"macs_{name}", **where), ".3f", 1e9) for name in COUNTERS]
    row.append(printed_cell(printed_g, ".1f", published.file_of(method, scale, "flops_g")))
    for quantity, title, found, figure in (
        ("parameters", "#Params", parameters, printed_k),
        ("macs", "FLOPs", macs, printed_g),
    ):
        reason = published.conventions().get((method, scale, quantity))
        if reason:
            reasons.append(f"{quantity}: {reason}")
        if found and figure is not None:
            verdict = judged[method, scale, quantity]
            verdicts.append(EQUAL if verdict == EQUAL else f"{title}: {verdict}")
    different = [verdict for verdict in verdicts if verdict != EQUAL]
    unjudged = MISSING if full_size else "reduced network"
    row.append(Cell("; ".join(different) or (EQUAL if verdicts else unjudged)))
    return row, reasons


def _left_out(table: pd.DataFrame) -> list[str]:
    """Per counter, the operations it left out, over all networks of the run."""
    notes = []
    records = [record(path) for path in table[table.kind == "complexity"].file.unique()]
    for name, title in COUNTERS.items():
        operations = sorted({op for record in records for op in record["left_out"].get(name, {})})
        if operations:
            short = (op.replace("aten::", "").replace("aten.", "").replace("Tensor.", "") for op in operations)
            notes.append(f"{title} leaves out: {', '.join(dict.fromkeys(short))}.")
    return notes
