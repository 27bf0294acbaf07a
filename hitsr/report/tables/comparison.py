"""Printed figures beside measured ones: difference, tolerance, and a verdict where the conditions are the paper's."""

from dataclasses import dataclass

import pandas as pd

from hitsr.analysis import published
from hitsr.analysis.audit import EQUAL, NOT_COUNTED, OPEN, audit
from hitsr.analysis.conditions import network_differs, size, size_differs, training_differs
from hitsr.analysis.costs import timed
from hitsr.analysis.identity import Sets, device
from hitsr.analysis.measurements import Number, number, numbers
from hitsr.report import contents
from hitsr.report.cells import MISSING, Cell, Grid, measured, missing, number_cell
from hitsr.report.columns import method_cell, printed_cell, scale_cell

TABLE = contents.Table(
    name="comparison",
    title="Paper against measured",
    about="Printed figures beside measured ones: difference, tolerance, and a verdict under the paper's conditions.",
    needs=("quality",),
    paper="Table 2",
)

HEADERS = ["Method", "Scale", "Figure", "printed", "measured", "difference", "tolerance", "Verdict", "Conditions"]
GIVEN_WEIGHTS = {"psnr": 0.01, "ssim": 0.0002}
"""What other hardware and libraries may change for the same weights."""
TRAINED_HERE = {"psnr": 0.06, "ssim": 0.002}
"""What chance changes between trainings by one recipe: 0.06 dB, and the SSIM that goes with it in Table 2."""
RUNTIME = 0.1
"""Relative tolerance of a runtime on the paper's device."""


@dataclass(frozen=True)
class Figure:
    """One printed figure and its measured counterpart.

    Attributes:
        title: what it is.
        printed: as printed.
        file: where the printed figure stands in the repository.
        found: measured value, in the printed unit.
        tolerance: difference up to which they agree, half a unit of the printed last digit included.
        decimals: printed digits after the point.
        conditions: what was measured differently; empty if nothing that matters.
        basis: what was measured, where nothing differs.
    """

    title: str
    printed: float
    file: str
    found: Number | None
    tolerance: float
    decimals: int
    conditions: str
    basis: str = ""


def make(table: pd.DataFrame, config: dict) -> Grid:
    """One row per printed figure of the run's methods, scales and test sets; a block per method and scale."""
    blocks, sets = [], Sets(table, config)
    audited = {(each.method, each.scale, each.quantity): each.verdict for each in audit(table, config)}
    for method, entry in config["methods"].items():
        for scale in config["scales"]:
            figures = [*_sizes(table, config, method, scale, audited), *_runtime(table, config, method, scale)]
            figures += quality(table, config, method, scale, sets)
            blocks.append([_row(method, entry, scale, figure) for figure in figures])
    near, cells = published.as_near_as(TRAINED_HERE["psnr"] + 0.005)
    notes = [
        f"Tolerance: half a unit of the printed last digit; for given weights {GIVEN_WEIGHTS['psnr']} dB and "
        f"{GIVEN_WEIGHTS['ssim']} SSIM beyond it; for networks trained by their own published recipe "
        f"{TRAINED_HERE['psnr']} dB and {TRAINED_HERE['ssim']} SSIM, by which trainings differ by chance.",
        f"In {near} of {cells} cells of Table 2 a HiT network and the one that it converts differ by no more than the "
        "tolerance of a training: a figure that is reproduced does not tell them apart, paired differences do.",
        "A figure measured under other conditions than the printed one has no verdict.",
        "Printed: HiT-SR (arXiv 2407.05878), Table 2 and efficiency at ×2, copied in hitsr/catalogs/published/.",
    ]
    notes += [f"{m} ×{s}, {q}: {reason}." for (m, s, q), reason in _conventions(config).items()]
    return Grid(f"Run {config['run']}: printed figures and measured ones.", HEADERS, blocks, notes)


def _row(method: str, entry: dict, scale: int, figure: Figure) -> list[Cell]:
    form = f".{figure.decimals}f"
    row = [method_cell(method, entry), scale_cell(scale), Cell(figure.title)]
    row.append(printed_cell(figure.printed, form, figure.file))
    row.append(measured(figure.found, f".{figure.decimals + 1}f"))
    if figure.found is None:
        return [*row, missing(), missing(), Cell(MISSING), Cell("not measured")]
    difference = figure.found.value - figure.printed
    row.append(number_cell(difference, f"+.{figure.decimals + 1}f", figure.found.files))
    row.append(Cell(f"{figure.tolerance:.{figure.decimals + 2}f}".rstrip("0").rstrip("."), figure.tolerance))
    if figure.conditions:
        return [*row, Cell("no verdict"), Cell(figure.conditions)]
    return [*row, Cell("reproduced" if agrees(figure) else "differs"), Cell(figure.basis or "as in the paper")]


def agrees(figure: Figure) -> bool | None:
    """Whether a printed figure was reproduced; None if it was not measured, or under other conditions."""
    if figure.found is None or figure.conditions:
        return None
    # a hair more than the tolerance, which binary fractions may miss
    return abs(figure.found.value - figure.printed) <= figure.tolerance * (1 + 1e-9)


def _sizes(table: pd.DataFrame, config: dict, method: str, scale: int, audited: dict) -> list[Figure]:
    """Parameters and multiply-adds at the published size, where the run counts them.

    Args:
        audited: verdict of the audit by method, scale and quantity.
    """
    found = []
    output = config["complexity"]["output"]
    for quantity, column, title, unit, decimals in (
        ("parameters", "params_k", "parameters (K)", 1e3, 0),
        ("macs", "flops_g", "FLOPs (G)", 1e9, 1),
    ):
        printed = published.printed(method, scale, column)
        if printed is None:
            continue
        count = size(table, config, quantity, method, scale)
        if count is None:
            continue
        conditions = []
        if quantity == "macs" and output != list(published.OUTPUT):
            conditions.append(f"counted for a {output[0]}×{output[1]} output")
        verdict = audited.get((method, scale, quantity), NOT_COUNTED)
        stated = (method, scale, quantity) in published.conventions()
        if verdict not in (EQUAL, *OPEN):
            conditions.append(f"printed figure: {verdict} (see audit)")
        elif verdict != EQUAL and stated and quantity == "macs":
            conditions.append("printed by another counter (see below)")
        found.append(
            Figure(
                title,
                printed,
                published.file_of(method, scale, column),
                Number(count.value / unit, count.files),
                0.5 * 10**-decimals,
                decimals,
                "; ".join(conditions),
                "counted at the published size" if size_differs(config, method) else "",
            )
        )
    return found


def _runtime(table: pd.DataFrame, config: dict, method: str, scale: int) -> list[Figure]:
    """Latency of the reference implementation, against the printed runtime on an A100."""
    printed = published.runtime(method, scale)
    found = timed(table, config, "latency_median", method, scale, "reference")
    if printed is None or found is None:
        return []
    name, _ = device(found.files[0])
    width, height = config["latency"]["input"]
    conditions = [
        network_differs(config, method),
        "" if (width, height) == (640, 360) else f"input {width}×{height}",
        "" if "A100" in name else f"on {name}, printed on an A100",
    ]
    text = "; ".join(c for c in conditions if c)
    return [
        Figure("runtime (ms)", printed, f"{published.WHERE}/{published.RUNTIMES}", found, RUNTIME * printed, 0, text)
    ]


def quality(table: pd.DataFrame, config: dict, method: str, scale: int, sets: Sets) -> list[Figure]:
    """PSNR and SSIM on the test sets of Table 2; of bicubic interpolation by the protocol of its row, if measured."""
    entry, found = config["methods"][method], []
    tolerances = GIVEN_WEIGHTS if entry["weights"] or entry["network"] is None else TRAINED_HERE
    for dataset in config["test_sets"]:
        for metric, title, decimals in (("psnr", "PSNR", 2), ("ssim", "SSIM", 4)):
            if metric not in config["metrics"]:
                continue
            public, why = sets.public(dataset, scale)
            stated = config["datasets"].get(dataset, {}).get("public", dataset)
            column = f"{published.COLUMN.get(public or stated)}_{metric}"
            printed = published.printed(method, scale, column)
            if printed is None:
                continue
            where = {"method": method, "scale": scale, "dataset": dataset}
            images = numbers(table, metric, **where).image.nunique()
            own = None
            if entry["interpolation"] == "bicubic":
                own = number(table, published.BICUBIC[metric], **{**where, "method": "Bicubic"})
            doubt = published.doubted().get((method, scale, column))
            conditions = [
                "" if entry["network"] or own else "printed with another protocol (Y rounded, LR not quantised)",
                network_differs(config, method),
                training_differs(table, config, method, scale),
                why if images else "",
                f"the printed figure is implausible: {doubt.reason}" if doubt else "",
            ]
            value = own or number(table, metric, **where)
            tolerance = tolerances[metric] + 0.5 * 10**-decimals
            basis = "given weights" if entry["weights"] else "trained by its published recipe"
            basis = "by the protocol of printed rows" if own else basis
            text = "; ".join(c for c in conditions if c)
            file = published.file_of(method, scale, column)
            found.append(Figure(f"{title}, {dataset}", printed, file, value, tolerance, decimals, text, basis))
    return found


def _conventions(config: dict) -> dict[tuple[str, int, str], str]:
    known = published.conventions()
    return {key: known[key] for key in known if key[0] in config["methods"] and key[1] in config["scales"]}
