"""A table as cells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hitsr.analysis.measurements import Number

BEST, SECOND = 1, 2
MISSING = "–"
LONG = 36
"""A cell of words with more characters than this is a phrase."""


@dataclass(frozen=True)
class Cell:
    """What a table shows at one place.

    Attributes:
        text: as shown.
        value: the number itself, unrounded and in the unit of the header; what the CSV file holds.
        rank: `BEST`, `SECOND` or 0.
        files: measurement files that the number comes from.
        cite: key of a paper.
    """

    text: str
    value: object = None
    rank: int = 0
    files: tuple[str, ...] = ()
    cite: str | None = None


@dataclass
class Grid:
    """A table.

    Attributes:
        caption: what it shows, and the conditions.
        headers: one per column, each complete by itself, such as `Set5 PSNR`.
        blocks: rows of cells, in groups set apart by a rule (one per scale).
        notes: below the table.
        groups: titles over columns that belong together, as (title, number of columns), `""` for none; they cover all
            columns, or there are none. A grouped header starts with its group's title: `Set5` over `Set5 PSNR`.
    """

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
        shown = ([cell.text for cell in column if cell.text not in (MISSING, "")] for column in columns)
        # a phrase may begin with a number
        words = [bool(texts) and all(text[:1].isalpha() or len(text) > LONG for text in texts) for texts in shown]
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


def measured(found: Number | None, form: str, unit: float = 1) -> Cell:
    """A measured number in a format such as `.2f`; `MISSING` if there is none.

    Args:
        unit: what the header counts in, such as 1000 for thousands.
    """
    if found is None:
        return missing()
    # divided by 1000 and not multiplied by 0.001, which would change the last digits
    value = found.value / unit
    return Cell(shown(value, form), value, files=found.files)


def number_cell(value: float, form: str, files: tuple[str, ...], unit: str = "") -> Cell:
    """A number derived from measured ones."""
    return Cell(shown(value, form) + unit, value, files=files)


def shown(value: float, form: str) -> str:
    """A number in a format such as `.2f`; infinite is `∞`."""
    return format(value, form).replace("inf", "∞")


def ranked(column: list[Cell], digits: int, higher_is_better: bool = True) -> list[Cell]:
    """Mark the best and the second best number: those that are equal to the digits shown are equally good.

    Args:
        digits: that are shown after the point.
    """
    sign = -1 if higher_is_better else 1

    def key(cell: Cell) -> float:
        # rounded as it is shown
        return sign * float(f"{cell.value:.{digits}f}")

    order = sorted({key(cell) for cell in column if cell.value is not None})
    if len(order) < 2:
        return column
    ranks = {order[0]: BEST, order[1]: SECOND}
    return [cell if cell.value is None else replace(cell, rank=ranks.get(key(cell), 0)) for cell in column]
