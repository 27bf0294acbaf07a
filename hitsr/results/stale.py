"""Results that were made otherwise than the present configuration and code would make them, and in what they differ.

Every record has the digests and the settings that it was made with (`Step.origin`). Digests are read from the end of a
file, so that a run of a thousand records is looked through in a fraction of a second; only a record that differs is
read whole.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitsr.configuration.steps import CollectSettings, Expected
from hitsr.results.records import RecordError, read_record

TAIL = 65536
"""Bytes at the end of a record that hold its digests: provenance is written last."""
DIGEST = re.compile(rb'"(config_digest|source_digest)": "([0-9a-f]+)"')
CONTENTS = {"contents": "the images", "weights": "the file of weights", "files": "a catalogue or template"}
"""What a checksum among the settings stands for."""
SHOWN = 3
"""Differences that a message names."""


@dataclass(frozen=True)
class Stale:
    """A result that is not as the present configuration and code would make it.

    Attributes:
        path: of its record.
        step: that makes it.
        reasons: in what it differs, such as `train.learning_rate: 0.0005 -> 0.001`.
    """

    path: Path
    step: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """As an error says it."""
        return f"{self.path}: was made otherwise than the configuration says ({shortened(self.reasons)})"


def shortened(reasons: tuple[str, ...]) -> str:
    """The first of some reasons, and how many more there are."""
    more = f" and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
    return "; ".join(reasons[:SHOWN]) + more


def stale(wanted: CollectSettings) -> Iterator[Stale]:
    """Records of a run that differ from what is wanted, or cannot be trusted; what is not there yet is left out."""
    for name, expected in wanted.files.items():
        path = Path(name)
        digests = digests_of(path)
        if digests is not None and digests != (expected.config_digest, expected.source_digest):
            yield Stale(path, expected.step, tuple(reasons(path, expected, wanted)))


def digests_of(path: Path) -> tuple[str | None, str | None] | None:
    """Digests of settings and code that a record states; None if the record is not there."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL))
            found = {name.decode(): value.decode() for name, value in DIGEST.findall(file.read())}
    except OSError:
        return None
    return found.get("config_digest"), found.get("source_digest")


def reasons(path: Path, expected: Expected, wanted: CollectSettings) -> Iterator[str]:
    """In what a record differs from what is wanted, in words."""
    try:
        origin = read_record(path).get("provenance") or {}
    except RecordError as error:
        yield f"it {error.reason}"
        return
    if not origin.get("settings"):
        yield "it does not say how it was made"
        return
    yield from changed_keys(origin["settings"], wanted.settings[expected.config_digest])
    yield from changed_files(origin["sources"], wanted.sources[expected.source_digest])


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Differences of two settings: the path of each key with its old and new value."""
    for key in sorted({*old, *new}):
        path, before, now = f"{where}{key}", old.get(key), new.get(key)
        if before == now:
            continue
        if key in CONTENTS:
            yield f"{CONTENTS[key]} changed"
        elif isinstance(before, Mapping) and isinstance(now, Mapping):
            yield from changed_keys(before, now, f"{path}.")
        else:
            yield f"{path}: {_value(old, key)} -> {_value(new, key)}"


def changed_files(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Differences of two sets of fingerprints by file."""
    for file in sorted({*old, *new}):
        if file not in new:
            yield f"{file} is not used any more"
        elif file not in old:
            yield f"{file} is new"
        elif old[file] != new[file]:
            yield f"{file} changed"


def _value(settings: Mapping[str, Any], key: str) -> str:
    text = repr(settings[key]) if key in settings else "nothing"
    return text if len(text) <= 60 else f"{text[:57]}..."
