"""A table as cells, and the same table as Markdown, LaTeX and CSV."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from hitsr.atomic import write_text

BEST, SECOND = 1, 2
MISSING = "–"


@dataclass(frozen=True)
class Cell:
    """What a table shows at one place.

    Attributes:
        text: as shown.
        value: the number itself, unrounded; what the CSV file holds.
        rank: `BEST`, `SECOND` or 0.
        source: measurement file(s) the number comes from.
        cite: key of a paper.
    """

    text: str
    value: object = None
    rank: int = 0
    source: str = ""
    cite: str | None = None


@dataclass
class Grid:
    """A table: one header per column, rows of cells, blocks of rows set apart, and notes below."""

    name: str
    caption: str
    headers: list[str]
    blocks: list[list[list[Cell]]]
    notes: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[list[Cell]]:
        return [row for block in self.blocks for row in block]


def missing() -> Cell:
    """A number that was not measured."""
    return Cell(MISSING)


def measured(found: tuple[float, str] | None, form: str, factor: float = 1) -> Cell:
    """A measured number in a format such as `.2f`, times a factor for its unit; `MISSING` if there is none."""
    if found is None:
        return missing()
    return Cell(format(found[0] * factor, form), found[0], source=found[1])


def number_cell(value: float, form: str, source: str, unit: str = "") -> Cell:
    """A number derived from measured ones."""
    return Cell(format(value, form) + unit, value, source=source)


def ranked(column: list[Cell]) -> list[Cell]:
    """Mark the best (largest) and the second best as shown: equal texts are equally good."""
    shown = sorted({float(cell.text) for cell in column if cell.value is not None}, reverse=True)
    if len(shown) < 2:
        return column
    ranks = {shown[0]: BEST, shown[1]: SECOND}
    return [
        cell
        if cell.value is None
        else Cell(cell.text, cell.value, ranks.get(float(cell.text), 0), cell.source, cell.cite)
        for cell in column
    ]


def write(grid: Grid, folder: Path) -> None:
    """Write NAME.md, NAME.tex and NAME.csv."""
    write_text(folder / f"{grid.name}.csv", as_csv(grid))
    write_text(folder / f"{grid.name}.tex", as_latex(grid))
    write_text(folder / f"{grid.name}.md", as_markdown(grid))


def as_markdown(grid: Grid) -> str:
    """Best in bold, second underlined."""
    marks = {0: "{}", BEST: "**{}**", SECOND: "<u>{}</u>"}
    lines = [f"| {' | '.join(grid.headers)} |", "|" + "|".join([":--"] + ["--:"] * (len(grid.headers) - 1)) + "|"]
    lines += ["| " + " | ".join(marks[cell.rank].format(cell.text) for cell in row) + " |" for row in grid.rows]
    notes = [f"- {note}" for note in grid.notes]
    return "\n".join([grid.caption, "", *lines, *([""] if notes else []), *notes, ""])


def as_latex(grid: Grid) -> str:
    """A booktabs table; needs `booktabs`, and `\\bibliography` for the citations."""
    marks = {0: "{}", BEST: "\\textbf{{{}}}", SECOND: "\\underline{{{}}}"}

    def shown(cell: Cell) -> str:
        text = marks[cell.rank].format(latex(cell.text))
        return f"{text}~\\cite{{{cell.cite}}}" if cell.cite else text

    body = "\n\\midrule\n".join(
        "\n".join(" & ".join(shown(cell) for cell in row) + r" \\" for row in block) for block in grid.blocks
    )
    return "\n".join(
        [
            "% needs \\usepackage{booktabs}",
            "\\begin{table}",
            "\\centering",
            f"\\caption{{{latex(grid.caption)}}}",
            f"\\begin{{tabular}}{{l{'r' * (len(grid.headers) - 1)}}}",
            "\\toprule",
            " & ".join(latex(header) for header in grid.headers) + r" \\",
            "\\midrule",
            body,
            "\\bottomrule",
            "\\end{tabular}",
            *(f"\\par\\smallskip\\footnotesize {latex(note)}" for note in grid.notes),
            "\\end{table}",
            "",
        ]
    )


def as_csv(grid: Grid) -> str:
    """Unrounded numbers, and in a last column the measurement files they come from."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*grid.headers, "files"])
    for row in grid.rows:
        files = dict.fromkeys(cell.source for cell in row if cell.source)
        values = [cell.text if cell.value is None else cell.value for cell in row]
        writer.writerow([*("" if value == MISSING else value for value in values), "; ".join(files)])
    return buffer.getvalue()


_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "×": r"$\times$", "≤": r"$\le$", "−": "$-$",
}  # fmt: skip


def latex(text: str) -> str:
    """Escape what LaTeX would read as commands."""
    return "".join(_LATEX.get(character, character) for character in text)
