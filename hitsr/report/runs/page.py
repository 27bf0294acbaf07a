"""The page that compares two runs: one HTML file that opens without network."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from hitsr.analysis.measurements import provenance_of, run_summary
from hitsr.atomic import write_text
from hitsr.report.formats.latex import as_latex
from hitsr.report.page.origins import Origins
from hitsr.report.page.template import data_uri, fill
from hitsr.report.runs import figure
from hitsr.report.runs.tables import TITLES, grids, metric_of

if TYPE_CHECKING:
    from pathlib import Path

    from hitsr.analysis.runs.comparing import Compared
    from hitsr.analysis.runs.scores import Score

PAGE = "report.html"


def write(found: Compared, folder: Path) -> Path:
    """Write the page beside the tables and the figure that are there already; returns it."""
    runs = [found.first, found.second]
    origins = Origins(pd.concat([provenance_of(run.table) for run in runs]), folder)
    drawn = folder / "figures" / f"{figure.NAME}.svg"
    page = fill(
        "compare.html",
        origins,
        labels=found.labels,
        runs=[
            {"label": label, "folder": str(run.layout.results), **run_summary(run.table, run.name)}
            for label, run in zip(found.labels, runs, strict=True)
        ],
        said=said(found),
        refused=found.refused,
        tables=[
            {"name": name, "title": TITLES[name], "grid": grid, "latex": as_latex(grid, name)}
            for name, grid in grids(found).items()
        ],
        figure={"name": figure.NAME, "source": data_uri(drawn.read_bytes(), "svg+xml")},
        crops=[],
    )
    path = folder / PAGE
    write_text(path, page)
    return path


def said(found: Compared) -> list[str]:
    """The outcome in a sentence per metric."""
    lines = []
    for quantity in dict.fromkeys(score.quantity for score in found.scores):
        scores = [score for score in found.scores if score.quantity == quantity]
        metric = metric_of(quantity)
        counts = Counter(outcome(score) for score in scores)
        parts = [f"{count} {what}" for what, count in counts.items()]
        lines.append(f"{metric.title if metric else quantity}: {', '.join(parts)}.")
    return lines


def outcome(score: Score) -> str:
    """Whether the second run is better, in words."""
    if score.identical:
        return "identical"
    if not score.comparison.separated:
        return "not separated"
    metric = metric_of(score.quantity)
    return "better" if (metric.sign if metric else 1) * score.comparison.difference > 0 else "worse"
