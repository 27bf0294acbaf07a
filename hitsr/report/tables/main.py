"""Table 2's form: size, cost and quality of every method."""

from dataclasses import replace

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.costs import counted
from hitsr.analysis.differences import differences, pairs_with_bases
from hitsr.analysis.measurements import number, numbers, run_summary
from hitsr.configuration import trained
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured
from hitsr.report.columns import MACS, MACS_NOTE, method_cell, rank_columns, recipe_notes, scale_cell

TABLE = contents.Table(
    name="main",
    title="Quality and size",
    about="Parameters, multiply-adds, PSNR and SSIM of every method.",
    needs=("quality", "complexity"),
    paper="Table 2",
    cites=("wang2004ssim",),
)

FORMS = {"psnr": ".2f", "ssim": ".4f"}


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Table 2's form: size, cost and quality of every method."""
    sets = config["test_sets"]
    headers = ["Method", "Scale", "#Params (K)", MACS]
    headers += [f"{name} {metric}" for name in sets for metric in ("PSNR", "SSIM")]
    blocks = []
    quality = _Quality(table, config)
    for scale in config["scales"]:
        rows = []
        for method, entry in config["methods"].items():
            row = [method_cell(method, entry), scale_cell(scale)]
            row.append(measured(counted(table, config, "parameters", method, scale), ",.1f", 1e3))
            row.append(measured(counted(table, config, "macs", method, scale), ".2f", 1e9))
            row += [quality.cell(metric, method, scale, name) for name in sets for metric in ("psnr", "ssim")]
            rows.append(row)
        blocks.append(rank_columns(rows, {4 + i: (2, 4)[i % 2] for i in range(2 * len(sets))}))
    seeds = len(config["seeds"])
    summary = run_summary(table)
    caption = (
        f"Run {summary['run']}: PSNR (dB) and SSIM on Y, mean over images"
        + (f" and {seeds} trainings ± standard deviation over trainings" if seeds > 1 else "")
        + f"; best bold, second underlined. Commit {summary['commit']}."
    )
    width, height = config["complexity"]["output"]
    notes = [f"{MACS_NOTE} For a {width}×{height} output.", *quality.notes, *_sizes(config)]
    notes += ["Networks trained here: the weights of the last iteration."] if trained(config) else []
    notes += recipe_notes(config)
    groups = [("", 4), *((name, 2) for name in sets)]
    return Grid(caption, headers, blocks, notes, groups)


class _Quality:
    """Cells of PSNR and SSIM; `≈` marks those that the data do not separate from a network that a method converts."""

    def __init__(self, table: pd.DataFrame, config: dict):
        self.table = table
        pairs = pairs_with_bases(config, list(config["methods"]))
        self.found = {
            metric: {pair: comparison for pair, (comparison, _) in differences(table, metric, pairs).items()}
            for metric in FORMS
        }
        self.controlled = lineup.controlled(config)

    def cell(self, metric: str, method: str, scale: int, dataset: str) -> Cell:
        where = {"method": method, "scale": scale, "dataset": dataset}
        cell = measured(number(self.table, metric, **where), FORMS[metric])
        means = numbers(self.table, metric, **where).groupby("seed").value.mean()
        spread = f" ± {means.std(ddof=1):{FORMS[metric]}}" if len(means) > 1 else ""
        compared = [
            c for p, c in self.found[metric].items() if (p.method, p.scale, p.dataset) == (method, scale, dataset)
        ]
        mark = " ≈" if any(not c.separated for c in compared) else ""
        return replace(cell, text=f"{cell.text}{spread}{mark}")

    @property
    def notes(self) -> list[str]:
        unclear = [c for found in self.found.values() for c in found.values() if not c.separated]
        if not unclear:
            return []
        reasons = ", ".join(sorted({c.why_not for c in unclear}))
        base = "the network that the method converts" + (", as published or by one recipe" if self.controlled else "")
        return [f"≈: not separated by the data from {base} ({reasons}); see statistics."]


def _sizes(config: dict) -> list[str]:
    """A note on networks that are not of their published size: a reader must not take them for those."""
    sizes: dict[str, list[str]] = {}
    for method, entry in config["methods"].items():
        if entry["options"]:
            sizes.setdefault(", ".join(f"{k}={v}" for k, v in entry["options"].items()), []).append(method)
    return [f"Not the published size: {', '.join(methods)} with {options}." for options, methods in sizes.items()]
