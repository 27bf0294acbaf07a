"""Cost of every network, and its latency against the network it converts."""

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.measurements import number, record
from hitsr.report.cells import Cell, Grid, measured, missing, number_cell
from hitsr.report.tables.common import MACS, MACS_NOTE, method_cell, scale_cell


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Cost of every network, and its latency against the network it converts."""
    headers = ["Method", "Scale", "Formulation", "#Params (K)", MACS, "Activations (M)"]
    headers += ["Latency (ms)", "p10–p90 (ms)", "Peak memory (MiB)", "Speed-up"]
    blocks = []
    for scale in config["scales"]:
        rows = []
        for method in lineup.distinct(config):
            entry = config["methods"][method]
            for formulation in config["latency"]["formulations"]:
                rows.append(_row(table, method, entry, scale, formulation))
        blocks.append(rows)
    notes = [
        MACS_NOTE,
        "Speed-up: median latency of the converted network over that of the HiT network, interleaved in one run.",
        "Peak memory: beyond weights and input, one forward pass in a process of its own.",
    ]
    return Grid("efficiency", _caption(table, config), headers, blocks, notes)


def _row(table: pd.DataFrame, method: str, entry: dict, scale: int, formulation: str) -> list[Cell]:
    where = {"method": method, "scale": scale}
    timed = {**where, "variant": formulation}
    median, low, high = (number(table, f"latency_{name}", **timed) for name in ("median", "p10", "p90"))
    rival = entry["converts"] and number(
        table, "latency_median", method=entry["converts"], scale=scale, variant=formulation
    )
    spread = Cell(f"{low[0]:.1f}–{high[0]:.1f}", source=low[1]) if low and high else missing()
    gain = number_cell(rival[0] / median[0], ".2f", median[1], "×") if rival and median else missing()
    return [
        method_cell(method, entry),
        scale_cell(scale),
        Cell(formulation),
        measured(number(table, "parameters", **where), ",.1f", 1e-3),
        measured(number(table, "macs_fvcore", **where), ".2f", 1e-9),
        measured(number(table, "activations_fvcore", **where), ".1f", 1e-6),
        measured(median, ".1f"),
        spread,
        measured(number(table, "peak_memory", **timed), ".1f"),
        gain,
    ]


def _caption(table: pd.DataFrame, config: dict) -> str:
    files = table[table.kind == "latency"].file.unique()
    width, height = config["latency"]["input"]
    if not len(files):
        return f"Run {config['run']}: efficiency; nothing was timed."
    origin = record(files[0])["provenance"]
    device = origin["hardware"]["gpu"] if origin["device"].startswith("cuda") else origin["hardware"]["cpu"]
    return (
        f"Run {config['run']}: low-resolution input {width}×{height}, float32, {device}, "
        f"{origin['threads']} thread(s), median of {config['latency']['repeats']} interleaved rounds."
    )
