"""Cost of every network, and its latency against the network it converts."""

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.costs import counted, declaring, timed
from hitsr.analysis.doubts import noisy
from hitsr.analysis.estimates import LEVEL, Resampled, ratio_form
from hitsr.analysis.measurements import Number, devices, implementations, record
from hitsr.analysis.numerics import numerics
from hitsr.analysis.timings import FEWEST, Rounds, of_number, ratio
from hitsr.analysis.timings import median as middle
from hitsr.networks.registry import network_module
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured, missing, number_cell
from hitsr.report.columns import MACS, MACS_NOTE, declared_notes, method_cell, scale_cell, size_cell
from hitsr.results.fingerprints import sources

TABLE = contents.Table(
    name="efficiency",
    title="Efficiency",
    about="Parameters, multiply-adds, latency, peak memory, and the speed-up over the network that a method converts.",
    needs=("complexity", "latency"),
    paper="efficiency comparison at ×2",
)

BACKEND = "Back-end"
OPTIMIZED = {
    "layers replaced by faster ones": ("attention", "correlation", "feedforward", "ngram", "position"),
    "maps channels-last on a CPU": ("memory_format",),
}
"""What is optimized, by the modules of `hitsr/optimized/` that a network can reach."""


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Cost of every network, and its latency against the network it converts."""
    headers = ["Method", "Scale", "Implementation", BACKEND, "#Params (K)", MACS, "Activations (M)"]
    headers += ["Latency (ms)", f"{LEVEL:.0%} interval (ms)", "Peak memory (MiB)", "Speed-up"]
    timed_on = devices(table)
    several = len(timed_on) > 1
    blocks = []
    for scale in config["scales"]:
        for device in timed_on or [""]:
            rows = [
                _row(table, config, method, scale, name, backend, device if several else None)
                for method in _timed_on(table, config, device if several else None)
                for name in implementations(config)
                for backend in config["latency"]["backends"]
            ]
            blocks.append([[Cell(device), *row] for row in rows] if several else rows)
        declared = [_declared(table, config, method, scale) for method in declaring(config)]
        blocks[-1] += [[Cell("declared"), *row] for row in declared] if several else declared
    if several:
        headers = ["Device", *headers]
    notes = [
        *noisy(table, config),
        MACS_NOTE,
        "Speed-up: median latency of the converted network over that of the HiT network, interleaved in one run.",
        f"Intervals: {LEVEL:.0%}, bootstrap over timed rounds, of a median and of the ratio of two; none below "
        f"{FEWEST} rounds. The spread of single rounds is in measurements.csv (latency_p10, latency_p90).",
        "Peak memory: beyond weights and input, one forward pass in a process of its own.",
        *_for_whom(table, config),
        *declared_notes(config),
    ]
    if len(config["latency"]["backends"]) == 1:
        # the caption says which it is
        blocks = [[_without(row, headers.index(BACKEND)) for row in block] for block in blocks]
        headers.remove(BACKEND)
    return Grid(_caption(table, config), headers, blocks, notes)


def _without(row: list[Cell], column: int) -> list[Cell]:
    return [*row[:column], *row[column + 1 :]]


def _for_whom(table: pd.DataFrame, config: dict) -> list[str]:
    """What was optimized of which networks, and which were timed as published, where the run times optimized ones."""
    timed_rows = table[table.quantity == "latency_median"]
    methods, faster = set(timed_rows.method), set(timed_rows[timed_rows.implementation == "optimized"].method)
    own = [method for method in lineup.distinct(config) if method in methods - faster]
    if not faster:
        return []
    done: dict[str, list[str]] = {}
    for method in (method for method in lineup.distinct(config) if method in faster):
        reached = sources(network_module(config["methods"][method]["network"]))
        for kind, layers in OPTIMIZED.items():
            if any(f"hitsr/optimized/{layer}.py" in reached for layer in layers):
                done.setdefault(kind, []).append(method)
    if rest := [m for m in lineup.distinct(config) if m in faster and not any(m in names for names in done.values())]:
        done["1x1 convolutions alone, by another library on a CPU"] = rest
    notes = [f"{kind} ({', '.join(names)})" for kind, names in done.items()]
    if own:
        notes.append(f"nothing, in their optimized rows either ({', '.join(own)})")
    return notes and [
        f"What was optimized, with the same weights: {'; '.join(notes)}. What it saves: docs/performance.md."
    ]


def _timed_on(table: pd.DataFrame, config: dict, device: str | None) -> list[str]:
    """The networks of a run; of a run that was timed on several devices, those that one of them timed."""
    found = set(table[table.device == device].method)
    return [method for method in lineup.distinct(config) if device is None or method in found]


def _row(
    table: pd.DataFrame, config: dict, method: str, scale: int, implementation: str, backend: str, device: str | None
) -> list[Cell]:
    entry = config["methods"][method]

    def time(quantity: str, of: str = method) -> Number | None:
        return timed(table, config, quantity, of, scale, implementation, backend, device)

    def rounds(found: Number | None, of: str) -> Rounds | None:
        return of_number(found, config, of, implementation, backend)

    median, base = time("latency_median"), entry["baseline"]
    rival = time("latency_median", base) if base in config["methods"] else None
    own, others = rounds(median, method), rounds(rival, base) if rival else None
    return [
        method_cell(method, entry),
        scale_cell(scale),
        Cell(implementation),
        Cell(backend),
        size_cell(table, config, "parameters", method, scale),
        size_cell(table, config, "macs", method, scale),
        measured(counted(table, config, "activations", method, scale), ".1f", 1e6),
        measured(median, ".1f"),
        _interval(middle(own) if own else None, ".1f", median),
        measured(time("peak_memory"), ".1f"),
        _speed_up(median, rival, ratio(others, own) if own and others else None),
    ]


def _declared(table: pd.DataFrame, config: dict, method: str, scale: int) -> list[Cell]:
    """An external program or ready images: what their authors declare, and nothing that would have to be measured."""
    sizes = [size_cell(table, config, what, method, scale) for what in ("parameters", "macs")]
    first = [method_cell(method, config["methods"][method]), scale_cell(scale), missing(), missing()]
    return [*first, *sizes, *(missing() for _ in range(5))]


def _interval(found: Resampled | None, form: str, number: Number | None) -> Cell:
    if found is None or number is None:
        return missing()
    low, high = found.interval()
    return Cell(f"[{low:{form}}, {high:{form}}]", files=number.files)


def _speed_up(median: Number | None, rival: Number | None, found: Resampled | None) -> Cell:
    if median is None or rival is None:
        return missing()
    value, ends = rival.value / median.value, found.interval() if found else ()
    form = ratio_form(2, value, *ends)
    interval = f" [{', '.join(format(end, form) for end in ends)}]" if ends else ""
    return number_cell(value, form, median.files, f"×{interval}")


def _caption(table: pd.DataFrame, config: dict) -> str:
    files = table[table.kind == "latency"].file.unique()
    width, height = config["latency"]["input"]
    if not len(files):
        return f"Run {config['run']}: efficiency; nothing was timed."
    origins = [record(file)["provenance"] for file in files]
    names = devices(table) or dict.fromkeys(
        o["hardware"]["gpu" if o["device"].startswith("cuda") else "cpu"] for o in origins
    )
    threads = "/".join(str(number) for number in dict.fromkeys(origin["threads"] for origin in origins))
    # a column says which, where there are several
    backends = config["latency"]["backends"]
    backend = [f"back-end {backends[0]}"] if len(backends) == 1 else []
    return (
        f"Run {config['run']}: low-resolution input {width}×{height}, float32, {', '.join(names)}, "
        f"{', '.join([*backend, *numerics(files[0]), threads])} thread{'' if threads == '1' else 's'}, median of "
        f"{config['latency']['repeats']} interleaved rounds."
    )
