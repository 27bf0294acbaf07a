"""Two runs side by side, as tables, a figure and a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hitsr.report.formats import write
from hitsr.report.runs import tables

if TYPE_CHECKING:
    from pathlib import Path

    from hitsr.analysis.runs.comparing import Compared


def render(found: Compared, folder: Path) -> Path:
    """Write tables (Markdown, LaTeX, CSV), figure (SVG, PDF, PNG) and page into a folder; returns the page."""
    from hitsr.report.drawing.style import save
    from hitsr.report.runs import figure, page

    for name, grid in tables.grids(found).items():
        write(grid, name, folder / "tables")
    save(figure.draw(found), folder / "figures", figure.NAME)
    return page.write(found, folder)
