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
    """Parts with what they show: tables before figures, otherwise in the order given; empty parts are left out.

    Args:
        shown: tables and figures, each with its `part` and `kind`.
    """
    items = list(shown)
    parts = [{"title": part, "items": [item for item in items if item["part"] == part]} for part in PARTS]
    return [part for part in parts if part["items"]]


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
