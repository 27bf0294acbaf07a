"""What must be said of a method wherever it is shown: key `note` of its entry."""

from collections.abc import Collection


def remarks(config: dict, present: Collection[str]) -> list[str]:
    """A sentence for each note of the methods that are shown."""
    entries = {**config["methods"], **config["variants"]}
    found: dict[str, list[str]] = {}
    for name, entry in entries.items():
        if name in present and entry.get("note"):
            found.setdefault(entry["note"], []).append(name)
    return [f"{', '.join(names)}: {note}." for note, names in found.items()]
