"""Latency and memory as the paper prints them, as others have measured them, and as this run did: side by side."""

import pandas as pd

from hitsr.analysis import published
from hitsr.analysis.costs import timed
from hitsr.analysis.estimates import ratio_form
from hitsr.analysis.identity import device
from hitsr.analysis.measurements import Number, implementations
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured, missing, number_cell
from hitsr.report.columns import method_cell, scale_cell

TABLE = contents.Table(
    name="elsewhere",
    title="Speed: the paper, others, and here",
    about="Latency and memory by the paper, by independent measurements and by this run, each with its speed-up over "
    "the network that a method converts.",
    needs=("latency",),
    paper="efficiency comparison at ×2",
)

HEADERS = ["Method", "Scale", "From", "Device", "Latency (ms)", "Speed-up", "Memory (MB)"]


def make(table: pd.DataFrame, config: dict) -> Grid:
    """A row per source of each method and scale; a block per scale."""
    blocks = []
    for scale in config["scales"]:
        rows = []
        for method in config["methods"]:
            rows += [
                *_paper(config, method, scale),
                *_others(config, method, scale),
                *_here(table, config, method, scale),
            ]
        blocks.append(rows)
    width, height = config["latency"]["input"]
    sources = "; ".join(dict.fromkeys(published.measured_elsewhere().source))
    notes = [
        f"Here: a low-resolution input of {width}×{height}, memory in MiB; the others: a 1280×720 output.",
        "Speed-up: latency of the converted network over that of the method, both by the same source. Latencies of "
        "different devices and runtimes are no differences between networks.",
        f"Others: {sources} (hitsr/catalogs/published/measured_elsewhere.csv); they name no device.",
    ]
    return Grid(f"Run {config['run']}: speed by source.", HEADERS, [block for block in blocks if block], notes)


def _paper(config: dict, method: str, scale: int) -> list[list[Cell]]:
    own, base = (published.runtime(name or "", scale) for name in (method, config["methods"][method]["baseline"]))
    if own is None:
        return []
    file = f"{published.WHERE}/{published.RUNTIMES}"
    times = [Cell(f"{own:.0f}", own, files=(file,)), _ratio(base, own, (file,)), missing()]
    return [[*_who(config, method, scale), Cell("the paper"), Cell("A100"), *times]]


def _others(config: dict, method: str, scale: int) -> list[list[Cell]]:
    rows = published.measured_elsewhere()
    file = f"{published.WHERE}/measured_elsewhere.csv"
    found = []
    for row in rows[(rows.method == method) & (rows.scale == scale)].itertuples():
        same = (rows.method == config["methods"][method]["baseline"]) & (rows.scale == scale)
        base = rows[same & (rows.source == row.source)].latency_ms
        memory = missing() if pd.isna(row.memory_mb) else Cell(f"{row.memory_mb:.0f}", row.memory_mb, files=(file,))
        latency = Cell(f"{row.latency_ms:.1f}", row.latency_ms, files=(file,))
        ratio = _ratio(base.iloc[0] if len(base) else None, row.latency_ms, (file,))
        found.append([*_who(config, method, scale), Cell(row.source), missing(), latency, ratio, memory])
    return found


def _here(table: pd.DataFrame, config: dict, method: str, scale: int) -> list[list[Cell]]:
    found = []
    for implementation in implementations(config):

        def cost(quantity: str, of: str, implementation: str = implementation) -> Number | None:
            return timed(table, config, quantity, of, scale, implementation) if of in config["methods"] else None

        own = cost("latency_median", method)
        if own is None:
            continue
        base = cost("latency_median", config["methods"][method]["baseline"] or "")
        shown = [measured(own, ".1f"), _ratio(base.value if base else None, own.value, own.files)]
        name, memory = device(own.files[0])[0], measured(cost("peak_memory", method), ".0f")
        found.append([*_who(config, method, scale), Cell(f"here, {implementation}"), Cell(name), *shown, memory])
    return found


def _who(config: dict, method: str, scale: int) -> list[Cell]:
    return [method_cell(method, config["methods"][method]), scale_cell(scale)]


def _ratio(base: float | None, own: float, files: tuple[str, ...]) -> Cell:
    return missing() if base is None else number_cell(base / own, ratio_form(1, base / own), files, "×")
