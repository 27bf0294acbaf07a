"""A table as Markdown, LaTeX and CSV. Names and labels are whatever users chose: each format escapes them."""

from pathlib import Path

from hitsr.atomic import write_text
from hitsr.report.cells import Grid
from hitsr.report.formats.latex import as_latex
from hitsr.report.formats.markdown import as_markdown
from hitsr.report.formats.spreadsheet import as_csv


def write(grid: Grid, name: str, folder: Path) -> None:
    """Write NAME.md, NAME.tex and NAME.csv."""
    write_text(folder / f"{name}.csv", as_csv(grid))
    write_text(folder / f"{name}.tex", as_latex(grid, name))
    write_text(folder / f"{name}.md", as_markdown(grid))
