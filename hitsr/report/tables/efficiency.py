"""Cost of every network, and its latency against the network it converts."""

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.costs import counted, declaring, timed
from hitsr.analysis.measurements import Number, implementations, record
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured, missing, number_cell
from hitsr.report.columns import MACS, MACS_NOTE, declared_notes, method_cell, scale_cell, size_cell

TABLE = contents.Table(
    name="efficiency",
    title="Efficiency",
    about="Parameters, multiply-adds, latency, peak memory, and the speed-up over the network that a method converts.",
    needs=("complexity", "latency"),
    paper="efficiency comparison at ×2",
)


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Cost of every network, and its latency against the network it converts."""
    headers = ["Method", "Scale", "Implementation", "Back-end", "#Params (K)", MACS, "Activations (M)"]
    headers += ["Latency (ms)", "p10–p90 (ms)", "Peak memory (MiB)", "Speed-up"]
    blocks = []
    for scale in config["scales"]:
        rows = []
        for method in lineup.distinct(config):
            rows += [
                _row(table, config, method, scale, name, backend)
                for name in implementations(config)
                for backend in config["latency"]["backends"]
            ]
        rows += [_declared(table, config, method, scale) for method in declaring(config)]
        blocks.append(rows)
    notes = [
        MACS_NOTE,
        "Speed-up: median latency of the converted network over that of the HiT network, interleaved in one run.",
        "Peak memory: beyond weights and input, one forward pass in a process of its own.",
        *declared_notes(config),
    ]
    return Grid(_caption(table, config), headers, blocks, notes)


def _row(table: pd.DataFrame, config: dict, method: str, scale: int, implementation: str, backend: str) -> list[Cell]:
    entry = config["methods"][method]

    def time(quantity: str, of: str = method) -> Number | None:
        return timed(table, config, quantity, of, scale, implementation, backend)

    median, low, high = (time(f"latency_{name}") for name in ("median", "p10", "p90"))
    rival = time("latency_median", entry["converts"]) if entry["converts"] in config["methods"] else None
    spread = Cell(f"{low.value:.1f}–{high.value:.1f}", files=low.files) if low and high else missing()
    gain = number_cell(rival.value / median.value, ".2f", median.files, "×") if rival and median else missing()
    return [
        method_cell(method, entry),
        scale_cell(scale),
        Cell(implementation),
        Cell(backend),
        size_cell(table, config, "parameters", method, scale),
        size_cell(table, config, "macs", method, scale),
        measured(counted(table, config, "activations", method, scale), ".1f", 1e6),
        measured(median, ".1f"),
        spread,
        measured(time("peak_memory"), ".1f"),
        gain,
    ]


def _declared(table: pd.DataFrame, config: dict, method: str, scale: int) -> list[Cell]:
    """An external program or ready images: what their authors declare, and nothing that would have to be measured."""
    sizes = [size_cell(table, config, what, method, scale) for what in ("parameters", "macs")]
    first = [method_cell(method, config["methods"][method]), scale_cell(scale), missing(), missing()]
    return [*first, *sizes, *(missing() for _ in range(5))]


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
