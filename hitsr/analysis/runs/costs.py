"""What the networks of two runs cost, side by side with the ratio of the second to the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hitsr.analysis.runs.matching import Matched, Pair
from hitsr.analysis.timings import Rounds, ratio

if TYPE_CHECKING:
    from hitsr.analysis.runs.opening import Run

QUANTITIES = {
    "parameters": "parameters", "macs_fvcore": "macs", "activations_fvcore": "activations",
    "latency_median": "latency", "peak_memory": "memory",
}  # fmt: skip
"""Quantities of the long table, and what conditions of `--fail-if` call them."""
LATENCY = "latency_median"
KINDS = ("complexity", "latency", "resolutions")
CONDITIONS = ("input", "implementation", "backend", "precision")
"""Columns that must agree for two numbers to be compared."""


@dataclass(frozen=True)
class Cost:
    """A cost of a network in both runs.

    Attributes:
        quantity: as conditions call it, such as `latency`.
        condition: under which it was measured, such as `80x45, optimized, eager, float32`.
        values: of the first and of the second run, in the unit of the long table.
        interval: of the ratio of two latencies, over the rounds of each run; None of anything else.
        doubt: why the ratio says little about the networks, such as other devices; empty if nothing speaks against it.
    """

    pair: Pair
    quantity: str
    unit: str
    condition: str
    values: tuple[float, float]
    files: tuple[str, ...]
    interval: tuple[float, float] | None = None
    doubt: str = ""

    @property
    def ratio(self) -> float:
        """The second over the first."""
        return self.values[1] / self.values[0] if self.values[0] else float("nan")


def costs(first: Run, second: Run, matched: Matched) -> list[Cost]:
    """Every cost that both runs measured under one condition; others are put among what is refused."""
    found: list[Cost] = []
    for pair in matched.pairs:
        ours, theirs = (_measured(run, m.name, m.scale) for run, m in ((first, pair.first), (second, pair.second)))
        for key in ours:
            if key in theirs and key[0] in QUANTITIES:
                found.append(_cost(pair, key, first, second, ours, theirs))
        for quantity, called in QUANTITIES.items():
            own, other = ([key for key in side if key[0] == quantity] for side in (ours, theirs))
            if own and other and not set(own).intersection(other):
                conditions = " and ".join("; ".join(_condition(key) for key in side) for side in (own, other))
                matched.refused.append(f"{called} of {pair.name} x{pair.scale}: under other conditions ({conditions})")
    return found


Key = tuple[str, ...]
"""A quantity, and the condition it was measured under."""


def _measured(run: Run, method: str, scale: int) -> dict[Key, Any]:
    """Rows of the long table of a method's costs."""
    table = run.table
    rows = table[table.kind.isin(KINDS) & (table.method == method) & (table.scale == scale)]
    return {(row.quantity, *(getattr(row, name) for name in CONDITIONS)): row for row in rows.itertuples()}


def _cost(pair: Pair, key: Key, first: Run, second: Run, ours: dict[Key, Any], theirs: dict[Key, Any]) -> Cost:
    quantity, (a, b) = key[0], (ours[key], theirs[key])
    doubt = "" if a.kind == "complexity" else _doubt(first.records[a.file], second.records[b.file])
    interval = _interval(pair, key, first.records[a.file], second.records[b.file]) if quantity == LATENCY else None
    values, files = (a.value, b.value), (a.file, b.file)
    return Cost(pair, QUANTITIES[quantity], a.unit, _condition(key), values, files, interval, doubt)


def _interval(pair: Pair, key: Key, first: dict, second: dict) -> tuple[float, float] | None:
    """Interval of the ratio of two medians; None where there are too few rounds, or they were not recorded."""
    own, other = (_rounds(record, m.name, key) for record, m in ((first, pair.first), (second, pair.second)))
    found = ratio(other, own) if own and other else None
    return found.interval() if found else None


def _rounds(record: dict, method: str, key: Key) -> Rounds | None:
    _, size, implementation, backend, _ = key
    where = {"method": method, "input": size, "implementation": implementation, "backend": backend}
    for each in record.get("rounds", ()):
        if all(each[name] == value for name, value in where.items()):
            # rounds of two runs are not interleaved
            return Rounds(tuple(each["milliseconds"]), None)
    return None


def _condition(key: Key) -> str:
    return ", ".join(part.replace("x", "×") if part is key[1] else part for part in key[1:] if part)


def _doubt(first: dict, second: dict) -> str:
    """What else than the networks may have made the difference."""
    one, other = first["provenance"], second["provenance"]
    pairs = (
        ("device", device_name(one), device_name(other)),
        ("number of threads", one["threads"], other["threads"]),
        ("setting of keep_pages", one["settings"].get("keep_pages"), other["settings"].get("keep_pages")),
    )
    return "; ".join(f"other {what}: {a} and {b}" for what, a, b in pairs if a != b)


def device_name(origin: dict) -> str:
    """The device that a measurement file was computed on, by its provenance."""
    return origin["hardware"]["gpu" if str(origin["device"]).startswith("cuda") else "cpu"]
