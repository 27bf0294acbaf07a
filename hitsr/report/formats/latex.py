"""A table as LaTeX."""

import re
import unicodedata

from hitsr.report.cells import BEST, SECOND, Cell, Grid

COLUMNS = 8
"""More columns than this do not fit one column of a two-column paper."""


def as_latex(grid: Grid, name: str) -> str:
    """A booktabs table to paste into a paper; shrunk to the width of the text only if it is wider.

    One of many columns spans both columns of a two-column paper. Columns of one group (a test set) share a header over
    a rule. Citations use the keys of `hitsr/catalogs/published/references.bib`.
    """
    body = "\n\\midrule\n".join("\n".join(_row(row) for row in block) for block in grid.blocks if block)
    notes = [f"{_code(note)}\\par" for note in grid.notes]
    if notes:
        notes = ["\\par\\smallskip\\begin{minipage}{\\linewidth}\\footnotesize\\raggedright", *notes, "\\end{minipage}"]
    wide = len(grid.headers) > COLUMNS
    environment = "table*" if wide else "table"
    return "\n".join(
        [
            "% needs \\usepackage{booktabs,graphicx}; cites keys of hitsr/catalogs/published/references.bib",
            f"\\begin{{{environment}}}",
            "\\centering",
            *(["\\setlength{\\tabcolsep}{3pt}"] if wide else []),
            f"\\caption{{{escape(grid.caption)}}}",
            f"\\label{{tab:{name}}}\\smallskip",
            "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%",
            f"\\begin{{tabular}}{{{_columns(grid)}}}",
            "\\toprule",
            *_header(grid),
            "\\midrule",
            *([body] if body else []),
            "\\bottomrule",
            "\\end{tabular}}",
            *notes,
            f"\\end{{{environment}}}",
            "",
        ]
    )


def _row(row: list[Cell]) -> str:
    marks = {0: "{}", BEST: "\\textbf{{{}}}", SECOND: "\\underline{{{}}}"}
    shown = []
    for cell in row:
        text = marks[cell.rank].format(escape(cell.text))
        shown.append(f"{text}~\\cite{{{cell.cite}}}" if cell.cite else text)
    return " & ".join(shown) + r" \\"


def _columns(grid: Grid) -> str:
    """Alignment of the columns; phrases break into lines."""
    kinds = zip(grid.textual, grid.prose, strict=True)
    return "".join("p{0.3\\linewidth}" if prose else "l" if left else "r" for left, prose in kinds)


def _code(text: str) -> str:
    """Escaped text, with what stands between backticks in typewriter type."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"\\texttt{{{escape(part)}}}" if i % 2 else escape(part) for i, part in enumerate(parts))


def _header(grid: Grid) -> list[str]:
    """One row of headers, or two where columns are grouped."""
    short = " & ".join(escape(header) for header in grid.short_headers) + r" \\"
    if not any(title for title, _ in grid.groups):
        return [short]
    titles, rules, column = [], [], 1
    for title, width in grid.groups:
        titles.append(f"\\multicolumn{{{width}}}{{c}}{{{escape(title)}}}" if title else " & " * (width - 1))
        if title:
            rules.append(f"\\cmidrule(lr){{{column}-{column + width - 1}}}")
        column += width
    return [" & ".join(titles) + r" \\", "".join(rules), short]


_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": "$<$", ">": "$>$", "|": "$|$", '"': "''",
    "[": "{[}", "*": "{*}",
    "–": "--", "—": "---", "…": r"\dots{}", "‘": "`", "’": "'", "“": "``", "”": "''", "\u00a0": "~",
    "−": "$-$", "×": r"$\times$", "·": r"$\cdot$", "±": r"$\pm$", "≤": r"$\le$", "≥": r"$\ge$", "≈": r"$\approx$",
    "≡": r"$\equiv$",
    "≠": r"$\ne$", "∼": r"$\sim$", "∞": r"$\infty$", "→": r"$\to$", "←": r"$\leftarrow$", "°": r"$^\circ$",
    "²": r"$^2$", "³": r"$^3$", "¹": r"$^1$", "½": r"$\frac12$", "√": r"$\surd$", "∈": r"$\in$",
    "↑": r"$\uparrow$", "↓": r"$\downarrow$", "†": r"\dag{}", "‡": r"\ddag{}", "✓": r"$\surd$", "✗": r"$\times$",
    "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$", "δ": r"$\delta$", "λ": r"$\lambda$", "µ": r"$\mu$",
    "μ": r"$\mu$", "ρ": r"$\rho$", "σ": r"$\sigma$", "Δ": r"$\Delta$", "Σ": r"$\Sigma$",
}  # fmt: skip

_MINUS = re.compile(r"(?<![\w.)-])-(?=\.?\d)")
"""A hyphen that is the sign of a number, as in `-0.5` and `[-1, 2]`, not in `10-90` or `x-2`."""


def escape(text: str) -> str:
    r"""Escape what LaTeX would read as commands, and write what its default fonts lack, and a minus, as mathematics.

    Brackets and asterisks are braced: after the `\\` of the row before, they would be its options.

    Letters beyond Latin, which need fonts of their own, become their code point, such as `U+56FE`.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(_LATEX.get(character) or _known(character) for character in _MINUS.sub("−", line))


def _known(character: str) -> str:
    """A character that LaTeX's default encoding has, or its code point."""
    return (
        character
        if character.isascii() or unicodedata.name(character, "").startswith("LATIN") and ord(character) < 0x180
        else f"U+{ord(character):04X}"
    )
