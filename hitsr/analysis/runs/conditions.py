"""In what two runs differ besides their numbers: configuration, code, versions, hardware, numerics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hitsr.analysis.runs.costs import device_name

if TYPE_CHECKING:
    from hitsr.analysis.runs.opening import Run

NOTHING = "–"


class Difference(NamedTuple):
    """What differs, in both runs.

    Attributes:
        kind: "configuration", "code", "versions", "hardware" or "numerics".
        what: the key, file or package.
    """

    kind: str
    what: str
    first: str
    second: str


def differences(first: Run, second: Run) -> list[Difference]:
    """Everything that differs, configuration first."""
    origins = [[record["provenance"] for record in run.records.values()] for run in (first, second)]
    return [
        *_configuration(first.config, second.config),
        *_code(*origins),
        *_each("versions", *map(_versions, origins)),
        *_each("hardware", *map(_hardware, origins)),
        *_each("numerics", *map(_numerics, origins)),
    ]


def _configuration(first: Mapping[str, Any], second: Mapping[str, Any], where: str = "") -> Iterator[Difference]:
    """Keys with other values; a mapping is looked into."""
    for key in [*first, *(key for key in second if key not in first)]:
        one, other = first.get(key), second.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _configuration(one, other, f"{where}{key}.")
        elif one != other or (key in first) != (key in second):
            yield Difference("configuration", f"{where}{key}", *(_text(side, key) for side in (first, second)))


def _text(side: Mapping[str, Any], key: str) -> str:
    return str(side[key]) if key in side else NOTHING


def _code(first: list[dict], second: list[dict]) -> Iterator[Difference]:
    """Commits, and the files whose meaning changed; of a file that several steps use, one line."""
    yield from _each("code", {"commit": _commits(first)}, {"commit": _commits(second)})
    sides = [_sources(origins) for origins in (first, second)]
    for file in sorted({*sides[0], *sides[1]}):
        one, other = (side.get(file) for side in sides)
        if one != other:
            yield Difference("code", file, *("/".join(sorted(found)) if found else NOTHING for found in (one, other)))


def _commits(origins: list[dict]) -> str:
    found = Counter(
        f"{origin['commit'][:10]}{' with uncommitted changes' if origin['dirty'] else ''}"
        if origin["commit"]
        else f"unknown (version {origin.get('version', '?')})"
        for origin in origins
    )
    return ", ".join(found)


def _sources(origins: list[dict]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for origin in origins:
        for file, fingerprint in (origin.get("sources") or {}).items():
            found.setdefault(file, set()).add(fingerprint)
    return found


def _versions(origins: list[dict]) -> dict[str, str]:
    """Python and every installed package."""
    found: dict[str, dict[str, None]] = {}
    for origin in origins:
        packages = dict(entry.split("==", 1) for entry in (origin.get("packages") or "").split() if "==" in entry)
        for name, version in {**packages, **origin["versions"]}.items():
            if version:
                found.setdefault(name, {})[version] = None
    return {name: ", ".join(versions) for name, versions in found.items()}


def _hardware(origins: list[dict]) -> dict[str, str]:
    rows: list[tuple[str, Any]] = []
    for origin in origins:
        hardware = origin["hardware"]
        rows += [
            ("device", device_name(origin)),
            ("cores", hardware["cores"]),
            ("memory (GiB)", hardware["memory_gib"]),
        ]
        rows += [(key, hardware.get(key)) for key in ("cudnn", "driver", "governor", "turbo")]
        rows += [("threads", origin["threads"])]
    return _listed(rows)


def _numerics(origins: list[dict]) -> dict[str, str]:
    rows: list[tuple[str, Any]] = []
    for origin in origins:
        rows += (origin.get("numerics") or {}).items()
        allocator = origin.get("allocator") or {}
        rows += [("C library", allocator.get("libc")), *(allocator.get("variables") or {}).items()]
    return _listed(rows)


def _listed(rows: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Every value that a key has, each once."""
    found: dict[str, dict[str, None]] = {}
    for key, value in rows:
        if value is not None:
            found.setdefault(key, {})[str(value)] = None
    return {key: ", ".join(sorted(values)) for key, values in found.items()}


def _each(kind: str, first: Mapping[str, str], second: Mapping[str, str]) -> Iterator[Difference]:
    for key in [*first, *(key for key in second if key not in first)]:
        if first.get(key) != second.get(key):
            yield Difference(kind, key, first.get(key, NOTHING), second.get(key, NOTHING))
