"""Table 2's form: size, cost and quality of every method."""

import pandas as pd

from hitsr.report.cells import Grid, measured
from hitsr.report.measurements import number, run_summary
from hitsr.report.tables.common import MACS, MACS_NOTE, method_cell, rank_columns, scale_cell


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Table 2's form: size, cost and quality of every method."""
    sets = config["test_sets"]
    headers = ["Method", "Scale", "#Params (K)", MACS]
    headers += [f"{name} {metric}" for name in sets for metric in ("PSNR", "SSIM")]
    blocks = []
    for scale in config["scales"]:
        rows = []
        for method, entry in config["methods"].items():
            where = {"method": method, "scale": scale}
            row = [method_cell(method, entry), scale_cell(scale)]
            row.append(measured(number(table, "parameters", **where), ",.1f", 1e-3))
            row.append(measured(number(table, "macs_fvcore", **where), ".2f", 1e-9))
            for name in sets:
                row.append(measured(number(table, "psnr", dataset=name, variant="paper", **where), ".2f"))
                row.append(measured(number(table, "ssim", dataset=name, variant="paper", **where), ".4f"))
            rows.append(row)
        blocks.append(rank_columns(rows, range(4, len(headers))))
    seeds = len(config["seeds"])
    summary = run_summary(table)
    caption = (
        f"Run {summary['run']}: PSNR (dB) and SSIM on Y, mean over images"
        + (f" and {seeds} seeds" if seeds > 1 else "")
        + f"; best bold, second underlined. Commit {summary['commit']}."
    )
    width, height = config["complexity"]["output"]
    notes = [f"{MACS_NOTE} For a {width}×{height} output.", *_sizes(config)]
    groups = [("", 4), *((name, 2) for name in sets)]
    return Grid("main", caption, headers, blocks, notes, groups)


def _sizes(config: dict) -> list[str]:
    """A note on networks that are not of their published size: a reader must not take them for those."""
    sizes: dict[str, list[str]] = {}
    for method, entry in config["methods"].items():
        if entry["options"]:
            sizes.setdefault(", ".join(f"{k}={v}" for k, v in entry["options"].items()), []).append(method)
    return [f"Not the published size: {', '.join(methods)} with {options}." for options, methods in sizes.items()]
