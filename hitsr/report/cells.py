"""A table as cells."""

from dataclasses import dataclass, field, replace

BEST, SECOND = 1, 2
MISSING = "–"
LONG = 36
"""A cell of words with more characters than this is a phrase."""


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
    """A table.

    Attributes:
        name: as in file names.
        caption: what it shows, and the conditions.
        headers: one per column, each complete by itself, such as `Set5 PSNR`.
        blocks: rows of cells, in groups set apart by a rule (one per scale).
        notes: below the table.
        groups: titles over columns that belong together, as (title, number of columns), `""` for none; they cover all
            columns, or there are none. A grouped header starts with its group's title: `Set5` over `Set5 PSNR`.
    """

    name: str
    caption: str
    headers: list[str]
    blocks: list[list[list[Cell]]]
    notes: list[str] = field(default_factory=list)
    groups: list[tuple[str, int]] = field(default_factory=list)

    @property
    def rows(self) -> list[list[Cell]]:
        return [row for block in self.blocks for row in block]

    @property
    def textual(self) -> list[bool]:
        """Per column, whether it holds words (set flush left) rather than numbers."""
        columns = zip(*self.rows, strict=True) if self.rows else [[] for _ in self.headers]
        shown = ([cell.text for cell in column if cell.text != MISSING] for column in columns)
        words = [bool(texts) and all(text[:1].isalpha() for text in texts) for texts in shown]
        return [True, *words[1:]]

    @property
    def prose(self) -> list[bool]:
        """Per column, whether it holds whole phrases, which may break into lines."""
        longest = [
            max(len(row[column].text) for row in self.rows) if self.rows else 0 for column in range(len(self.headers))
        ]
        return [left and length > LONG for left, length in zip(self.textual, longest, strict=True)]

    @property
    def short_headers(self) -> list[str]:
        """Headers as they stand below the titles of their groups."""
        if not self.groups:
            return self.headers
        titles = [title for title, width in self.groups for _ in range(width)]
        return [header.removeprefix(f"{title} ") for header, title in zip(self.headers, titles, strict=True)]


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
    """Mark the best (largest) and the second best as shown: equal numbers are equally good, whatever stands behind."""

    def shown_number(cell: Cell) -> float:
        return float(cell.text.split()[0])

    shown = sorted({shown_number(cell) for cell in column if cell.value is not None}, reverse=True)
    if len(shown) < 2:
        return column
    ranks = {shown[0]: BEST, shown[1]: SECOND}
    return [cell if cell.value is None else replace(cell, rank=ranks.get(shown_number(cell), 0)) for cell in column]
