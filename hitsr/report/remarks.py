"""What must be said of a method wherever it is shown: key `note` of its entry."""

from collections.abc import Collection


def remarks(config: dict, present: Collection[str]) -> list[str]:
    """A sentence for each of the methods that are shown and have a note."""
    entries = {**config["methods"], **config["variants"]}
    return [f"{name}: {entry['note']}." for name, entry in entries.items() if name in present and entry.get("note")]
