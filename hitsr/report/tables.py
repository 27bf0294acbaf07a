"""The tables of a run."""

from pathlib import Path

import pandas as pd

from hitsr.errors import ConfigError
from hitsr.records import read_json
from hitsr.report import published
from hitsr.report.cells import MISSING, Cell, Grid, measured, missing, number_cell, ranked, write
from hitsr.report.measurements import number, numbers, read, run_summary
from hitsr.sources import ROOT

MACS = "FLOPs (G)"
MACS_NOTE = "FLOPs are multiply-adds (MACs), as papers print them; counted by fvcore on the published formulation."
COUNTERS = {
    "fvcore": "fvcore",
    "ptflops_pytorch": "ptflops (hooks)",
    "ptflops_aten": "ptflops (aten)",
    "torch": "torch",
}
PSNR_TOLERANCE, SSIM_TOLERANCE = 0.01, 0.0002
"""Within these of the printed figure, its own rounding allowed for, official weights count as reproduced."""


def render(name: str, measurements: Path, config: dict, folder: Path) -> None:
    """Write table `name` as Markdown, LaTeX and CSV into `folder`."""
    write(make(name, read(measurements), config), folder)


def make(name: str, table: pd.DataFrame, config: dict) -> Grid:
    """Table `name` as cells.

    Raises:
        ConfigError: no such table.
    """
    if name not in TABLES:
        raise ConfigError(f"unknown table {name!r}; choose one of {', '.join(TABLES)}")
    return TABLES[name](table, config)


def main(table: pd.DataFrame, config: dict) -> Grid:
    """Table 2's form: size, cost and quality of every method."""
    sets = config["test_sets"]
    headers = ["Method", "Scale", "#Params (K)", MACS]
    headers += [f"{name} {metric}" for name in sets for metric in ("PSNR", "SSIM")]
    blocks = []
    for scale in config["scales"]:
        rows = []
        for method, entry in config["methods"].items():
            where = {"method": method, "scale": scale}
            row = [_name(method, entry), Cell(f"×{scale}", scale)]
            row.append(measured(number(table, "parameters", **where), ",.1f", 1e-3))
            row.append(measured(number(table, "macs_fvcore", **where), ".2f", 1e-9))
            for name in sets:
                row.append(measured(number(table, "psnr", dataset=name, variant="paper", **where), ".2f"))
                row.append(measured(number(table, "ssim", dataset=name, variant="paper", **where), ".4f"))
            rows.append(row)
        blocks.append(_ranked(rows, range(4, len(headers))))
    seeds = len(config["seeds"])
    summary = run_summary(table, ROOT)
    caption = (
        f"Run {summary['run']}: PSNR (dB) and SSIM on Y, mean over images"
        + (f" and {seeds} seeds" if seeds > 1 else "")
        + f"; best bold, second underlined. Commit {summary['commit']}."
    )
    width, height = config["complexity"]["output"]
    notes = [f"{MACS_NOTE} For a {width}×{height} output.", *_sizes(config)]
    return Grid("main", caption, headers, blocks, notes)


def _sizes(config: dict) -> list[str]:
    """A note on networks that are not of their published size: a reader must not take them for those."""
    sizes: dict[str, list[str]] = {}
    for method, entry in config["methods"].items():
        if entry["options"]:
            sizes.setdefault(", ".join(f"{k}={v}" for k, v in entry["options"].items()), []).append(method)
    return [f"Not the published size: {', '.join(methods)} with {options}." for options, methods in sizes.items()]


def efficiency(table: pd.DataFrame, config: dict) -> Grid:
    """Cost of every network, and its latency against the network it converts."""
    headers = ["Method", "Scale", "Formulation", "#Params (K)", MACS, "Activations (M)"]
    headers += ["Latency (ms)", "p10–p90 (ms)", "Peak memory (MiB)", "Speed-up"]
    blocks = []
    for scale in config["scales"]:
        rows = []
        for method, entry in config["methods"].items():
            for formulation in config["latency"]["formulations"] if entry["network"] else []:
                rows.append(_efficiency_row(table, method, entry, scale, formulation))
        blocks.append(rows)
    notes = [
        MACS_NOTE,
        "Speed-up: median latency of the converted network over that of the HiT network, interleaved in one run.",
        "Peak memory: beyond weights and input, one forward pass in a process of its own.",
    ]
    return Grid("efficiency", _latency_caption(table, config), headers, blocks, notes)


def _efficiency_row(table: pd.DataFrame, method: str, entry: dict, scale: int, formulation: str) -> list[Cell]:
    where = {"method": method, "scale": scale}
    timed = {**where, "variant": formulation}
    median, low, high = (number(table, f"latency_{name}", **timed) for name in ("median", "p10", "p90"))
    rival = entry["converts"] and number(
        table, "latency_median", method=entry["converts"], scale=scale, variant=formulation
    )
    spread = Cell(f"{low[0]:.1f}–{high[0]:.1f}", source=low[1]) if low and high else missing()
    gain = number_cell(rival[0] / median[0], ".2f", median[1], "×") if rival and median else missing()
    return [
        _name(method, entry),
        Cell(f"×{scale}", scale),
        Cell(formulation),
        measured(number(table, "parameters", **where), ",.1f", 1e-3),
        measured(number(table, "macs_fvcore", **where), ".2f", 1e-9),
        measured(number(table, "activations_fvcore", **where), ".1f", 1e-6),
        measured(median, ".1f"),
        spread,
        measured(number(table, "peak_memory", **timed), ".1f"),
        gain,
    ]


def _latency_caption(table: pd.DataFrame, config: dict) -> str:
    files = table[table.kind == "latency"].file.unique()
    width, height = config["latency"]["input"]
    if not len(files):
        return f"Run {config['run']}: efficiency; nothing was timed."
    origin = read_json(ROOT / files[0])["provenance"]
    device = origin["hardware"]["gpu"] if origin["device"].startswith("cuda") else origin["hardware"]["cpu"]
    return (
        f"Run {config['run']}: low-resolution input {width}×{height}, float32, {device}, "
        f"{origin['threads']} thread(s), median of {config['latency']['repeats']} interleaved rounds."
    )


def complexity(table: pd.DataFrame, config: dict) -> Grid:
    """Parameters and multiply-adds by every counter, against the printed figures of Table 2."""
    headers = ["Method", "Scale", "Input", "#Params", "#Params (K)", "printed"]
    headers += [f"{title} (G)" for title in COUNTERS.values()] + ["printed FLOPs (G)", "Verdict"]
    blocks, notes = [], [MACS_NOTE]
    for scale in config["scales"]:
        rows = []
        for method in (name for name, entry in config["methods"].items() if entry["network"]):
            row, reasons = _complexity_row(table, config, method, scale)
            rows.append(row)
            notes += [f"{method} ×{scale}: {reason}." for reason in reasons]
        blocks.append(rows)
    caption = f"Run {config['run']}: complexity, counted here and printed in Table 2 of HiT-SR."
    return Grid("complexity", caption, headers, blocks, [*notes, *_left_out(table)])


def _complexity_row(table: pd.DataFrame, config: dict, method: str, scale: int) -> tuple[list[Cell], list[str]]:
    where = {"method": method, "scale": scale}
    parameters, macs = (number(table, quantity, **where) for quantity in ("parameters", "macs_fvcore"))
    counted = numbers(table, "macs_fvcore", **where)
    row = [
        _name(method, config["methods"][method]),
        Cell(f"×{scale}", scale),
        Cell(counted.input.iloc[0].replace("x", "×")) if len(counted) else missing(),
        measured(parameters, ",.0f"),
        measured(parameters, ".0f", 1e-3),
    ]
    verdicts, reasons = [], []
    full_size = not config["methods"][method]["options"]
    printed_k, printed_g = (
        published.printed(method, scale, column) if full_size else None for column in ("params_k", "flops_g")
    )
    row.append(_printed(printed_k, ".0f"))
    row += [measured(number(table, f"macs_{name}", **where), ".3f", 1e-9) for name in COUNTERS]
    row.append(_printed(printed_g, ".1f"))
    for quantity, found, figure, unit, form in (
        ("parameters", parameters, printed_k, 1e-3, ".0f"),
        ("macs", macs, printed_g, 1e-9, ".1f"),
    ):
        reason = published.conventions().get((method, scale, quantity))
        if reason:
            reasons.append(f"{quantity}: {reason}")
        if found and figure is not None:
            same = format(found[0] * unit, form) == format(figure, form)
            verdicts.append("equal" if same else "another counter" if reason else f"{quantity} differ")
    different = [verdict for verdict in verdicts if verdict != "equal"]
    row.append(Cell(", ".join(different) or ("equal" if verdicts else MISSING)))
    return row, reasons


def _left_out(table: pd.DataFrame) -> list[str]:
    """Per counter, the operations it left out, over all networks of the run."""
    notes = []
    records = [read_json(ROOT / path) for path in table[table.kind == "complexity"].file.unique()]
    for name, title in COUNTERS.items():
        operations = sorted({op for record in records for op in record["left_out"].get(name, {})})
        if operations:
            short = (op.replace("aten::", "").replace("aten.", "").replace("Tensor.", "") for op in operations)
            notes.append(f"{title} leaves out: {', '.join(dict.fromkeys(short))}.")
    return notes


def comparison(table: pd.DataFrame, config: dict) -> Grid:
    """Given weights against the printed figures of Table 2."""
    headers = ["Method", "Scale", "Test set", "Images", "printed PSNR", "PSNR", "difference"]
    headers += ["printed SSIM", "SSIM", "difference ", "Verdict"]
    rows = []
    for method, entry in config["methods"].items():
        for scale in config["scales"]:
            for dataset in config["test_sets"]:
                rows.append(_comparison_row(table, method, entry, scale, dataset))
    notes = [
        f"Reproduced: within {PSNR_TOLERANCE} dB and {SSIM_TOLERANCE} SSIM of the figure printed in Table 2, "
        "beyond half a unit of its last digit."
    ]
    return Grid("comparison", f"Run {config['run']}: given weights, measured here and printed.", headers, [rows], notes)


def _comparison_row(table: pd.DataFrame, method: str, entry: dict, scale: int, dataset: str) -> list[Cell]:
    where = {"method": method, "scale": scale, "dataset": dataset, "variant": "paper"}
    column = published.COLUMN.get(dataset, "")
    count = numbers(table, "psnr", **where).image.nunique()
    row = [_name(method, entry), Cell(f"×{scale}", scale), Cell(dataset), Cell(str(count), count)]
    verdicts = []
    for metric, form, tolerance in (("psnr", ".2f", PSNR_TOLERANCE), ("ssim", ".4f", SSIM_TOLERANCE)):
        figure = published.printed(method, scale, f"{column}_{metric}")
        found = number(table, metric, **where)
        row += [_printed(figure, form), measured(found, form[0] + str(int(form[1]) + 1) + "f")]
        if found and figure is not None:
            difference = found[0] - figure
            row.append(number_cell(difference, f"+{form[0]}{int(form[1]) + 1}f", found[1]))
            verdicts.append(abs(difference) <= tolerance + 0.5 * 10 ** -int(form[1]))
        else:
            row.append(missing())
    row.append(Cell(("reproduced" if all(verdicts) else "differs") if verdicts else "not printed"))
    return row


def _name(method: str, entry: dict) -> Cell:
    return Cell(method, cite=entry["cite"])


def _printed(figure: float | None, form: str) -> Cell:
    return missing() if figure is None else Cell(format(figure, form), figure)


def _ranked(rows: list[list[Cell]], columns: range) -> list[list[Cell]]:
    for column in columns:
        for row, cell in zip(rows, ranked([row[column] for row in rows]), strict=True):
            row[column] = cell
    return rows


TABLES = {"main": main, "efficiency": efficiency, "complexity": complexity, "comparison": comparison}
