"""A table as Markdown, as GitHub shows it."""

import re

from hitsr.report.cells import BEST, SECOND, Cell, Grid

MARKS = {0: "{}", BEST: "**{}**", SECOND: "<u>{}</u>"}
_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])|^(?=[#>+-](?:\s|$))|(?<=^\d)[.)](?=\s)")
"""What Markdown reads as more than text; `_` within a word is a letter."""


def as_markdown(grid: Grid) -> str:
    """Best in bold, second underlined."""
    lines = [_line(map(escape, grid.headers)), f"|{'|'.join(':--' if left else '--:' for left in grid.textual)}|"]
    lines += [_line(map(_marked, row)) for row in grid.rows]
    notes = [f"- {with_code(note)}" for note in grid.notes]
    return "\n".join([with_code(grid.caption), "", *lines, *([""] if notes else []), *notes, ""])


def escape(text: str) -> str:
    """Text in which neither Markdown nor HTML finds anything to do, in one line."""
    line = " ".join(text.split())
    safe = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(lambda found: "\\" + found[0], safe)


def with_code(text: str) -> str:
    """Escaped text; what stands between backticks stays as it is, if they come in pairs."""
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"`{part}`" if i % 2 else _inner(part) for i, part in enumerate(parts))


def _inner(part: str) -> str:
    """A part of a line, with the spaces at its ends."""
    before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :] if part.strip() else ""
    return f"{before}{escape(part)}{after}"


def _marked(cell: Cell) -> str:
    return MARKS[cell.rank].format(escape(cell.text))


def _line(cells) -> str:
    return f"| {' | '.join(cells)} |"
