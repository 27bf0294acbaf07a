"""Cost of one window by operator: the closed form, the counted multiply-adds, and measured time and memory."""

import math

import pandas as pd

from hitsr.analysis.estimates import LEVEL, AnyEstimate, Exact
from hitsr.analysis.exponents import BASE_TOKENS, exponent
from hitsr.analysis.measurements import number, numbers, record
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured

TABLE = contents.Table(
    name="attention_cost",
    title="Attention cost: attention and correlation against the window",
    about="Multiply-adds, time and memory of one window by operator, and the exponents with which they grow.",
    needs=("attention_cost",),
    paper="Table 1",
)

OPERATORS = {
    "W-SA": ("window self-attention (SwinIR)", "2 L² C"),
    "PSA": ("permuted self-attention (SRFormer)", "L² C / 2"),
    "S-SC": ("spatial self-correlation (HiT-SR)", "L M C"),
    "C-SC": ("channel self-correlation (HiT-SR)", "L C² / 2"),
}
"""Names and closed forms of the multiply-adds of one window (see `hitsr.measure.attention_cost`)."""
COLUMNS = (
    ("MACs by formula (M)", "operator_formula", "reference", ".3f", 1e6),
    ("MACs counted (M)", "operator_macs", "reference", ".3f", 1e6),
    ("time, reference (ms)", "operator_latency", "reference", ".3g", 1),
    ("time, optimized (ms)", "operator_latency", "optimized", ".3g", 1),
    ("memory, reference (MiB)", "operator_memory", "reference", ".3g", 1),
    ("memory, optimized (MiB)", "operator_memory", "optimized", ".3g", 1),
)


def make(table: pd.DataFrame, config: dict) -> Grid:
    """A block per operator: a row per window, and the exponents in the tokens of the window."""
    headers = ["Operator", "Window", "Tokens", *(title for title, *_ in COLUMNS)]
    blocks = [_block(table, config, operator) for operator in OPERATORS]
    settings = config["attention_cost"]
    files = numbers(table, "operator_macs").file.unique()
    device = ""
    if len(files):
        origin = record(files[0])["provenance"]
        device = origin["hardware"]["gpu"] if origin["device"].startswith("cuda") else origin["hardware"]["cpu"]
    threads = "1 thread" if settings["threads"] == 1 else f"{settings['threads']} threads"
    caption = (
        f"Run {config['run']}: cost of one window, C = {settings['dim']} channels, {settings['heads']} heads, float32, "
        f"on a map of {settings['map']}×{settings['map']} pixels; {device}, {threads}, "
        f"median of {settings['repeats']} interleaved rounds."
    )
    notes = [f"{name}: {title}; {form} multiply-adds for L tokens." for name, (title, form) in OPERATORS.items()]
    notes += [
        f"M = min(L, {BASE_TOKENS}) pooled tokens. Projections and feature extraction are left out.",
        "Counted by fvcore; for S-SC pooling and the network of the position bias come on top of the formula.",
        "S-SC as published gathers its position bias for all L² pairs of tokens before it pools them, once per map: "
        "few multiply-adds and most of the time. The optimized implementation pools first.",
        f"Exponent: slope of the logarithm over that of the tokens, from {BASE_TOKENS} tokens; 1 linear, 2 quadratic. "
        f"In brackets its {LEVEL:.0%} interval: of time over rounds, of memory over windows (Student's t).",
    ]
    return Grid(caption, headers, blocks, notes)


def _block(table: pd.DataFrame, config: dict, operator: str) -> list[list[Cell]]:
    rows = []
    for window in sorted(config["attention_cost"]["windows"]):
        where = {"method": operator, "input": f"{window}x{window}"}
        row = [Cell(operator), Cell(f"{window}×{window}", window), Cell(f"{window**2:,}", window**2)]
        for _, quantity, implementation, form, unit in COLUMNS:
            row.append(measured(number(table, quantity, implementation=implementation, **where), form, unit))
        rows.append(row)
    fits = [Cell(operator), Cell("exponent"), Cell("")]
    for _, quantity, implementation, _, _ in COLUMNS:
        found = numbers(table, quantity, method=operator, implementation=implementation)
        fit = exponent(found) if len(found) else None
        fits.append(Cell(_fitted(fit), fit.value, files=tuple(found.file.unique())) if fit else Cell("–"))
    return [*rows, fits]


def _fitted(fit: AnyEstimate) -> str:
    """An exponent with its interval; a count has none."""
    low, high = fit.interval()
    return f"{fit.value:.2f}" + ("" if isinstance(fit, Exact) or math.isnan(low) else f" [{low:.2f}, {high:.2f}]")
