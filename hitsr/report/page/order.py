"""In what order a page shows tables and figures: what a reader asks first comes first."""

from collections.abc import Iterable
from typing import Any

from hitsr.report.contents import Entry

PARTS = ("Quality", "Efficiency", "Ablations", "Training", "What networks see", "Statistics", "Paper and audit")
"""Parts of the page, in order. The crops stand below what comes first of all."""
STATISTICS, PAPER = (
    ("statistics", "power"),
    ("comparison", "printed", "recipes", "departures", "elsewhere", "reference"),
)
COSTS = {"complexity", "latency", "resolutions", "attention_cost"}


def part_of(entry: Entry) -> str:
    """The part that a table or figure belongs to, by what it needs; those of plug-ins too."""
    needs = set(entry.needs)
    if entry.axis is not None:
        return "Ablations"
    if entry.name in STATISTICS:
        return "Statistics"
    if entry.name in PAPER or entry.name.startswith("audit") or not needs:
        return "Paper and audit"
    if "attribution" in needs:
        return "What networks see"
    if "training" in needs:
        return "Training"
    if needs <= COSTS or {"quality", "latency"} <= needs:
        return "Efficiency"
    return "Quality" if "quality" in needs else "Paper and audit"


def ordered(shown: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts with what they show, in the order given, and what is of one title together; empty parts are left out.

    Args:
        shown: tables, then figures, each with its `part`, `kind` and `title`. They get `continued`: whether it is a
            figure of what is above it, so that one heading is for both.
    """
    by_title: dict[str, dict[str, list]] = {part: {} for part in PARTS}
    for item in shown:
        together = by_title[item["part"]].setdefault(item["title"], [])
        item["continued"] = bool(together) and item["kind"] == "figure"
        together.append(item)
    return [
        {"title": part, "items": [item for together in found.values() for item in together]}
        for part, found in by_title.items()
        if found
    ]


def notes_once(tables: Iterable[dict[str, Any]]) -> None:
    """Leave out of each table the notes that one above it has, and say which table that is: `shared`, their titles."""
    first: dict[str, str] = {}
    for shown in tables:
        own: list[str] = []
        shared: dict[str, None] = {}
        for note in shown["grid"].notes:
            if note in first:
                shared[first[note]] = None
            else:
                first[note] = shown["name"]
                own.append(note)
        shown["notes"], shown["shared"] = own, list(shared)
