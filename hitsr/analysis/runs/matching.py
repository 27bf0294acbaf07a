"""Which methods and test sets of two runs belong together, and which do not, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hitsr.analysis.runs import images
from hitsr.analysis.runs.identity import Method, methods
from hitsr.analysis.runs.opening import Run, labels
from hitsr.errors import ConfigError
from hitsr.results.stale import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

NETWORK = ("name", "interpolation", "images")
"""Keys of `Method.network` in which two methods of one name must agree to be compared."""


@dataclass(frozen=True)
class Pair:
    """A method of each run.

    Attributes:
        changed: in what the second one differs; empty for one method measured twice.
    """

    first: Method
    second: Method
    changed: tuple[str, ...] = ()

    @property
    def scale(self) -> int:
        return self.first.scale

    @property
    def name(self) -> str:
        """What tables call it: one name, or both."""
        same = self.first.name == self.second.name
        return self.first.name if same else f"{self.first.name} → {self.second.name}"

    @property
    def how(self) -> str:
        """Whether it is one method, or what was changed."""
        return shortened(self.changed) if self.changed else "the same"


@dataclass
class Matched:
    """What two runs have in common.

    Attributes:
        pairs: methods that belong together.
        datasets: name of a test set in the second run, by its name in the first and the scale.
        refused: what is not compared, and why: a sentence each.
    """

    pairs: list[Pair] = field(default_factory=list)
    datasets: dict[tuple[str, int], str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def match(first: Run, second: Run, wanted: Sequence[str] = ()) -> Matched:
    """Match methods by what they are, then by name where their network is one; test sets by their images.

    Args:
        wanted: pairs that the user names, as `FIRST=SECOND`; they are compared whatever they are.

    Raises:
        ConfigError: a run has no method of a name that the user gives.
    """
    found = Matched()
    ours, theirs = methods(first), methods(second)
    called = labels(first, second)
    given = _given(wanted, ours, theirs, called)
    left = dict(theirs)
    for one in ours.values():
        other = given.get((one.name, one.scale)) or _partner(one, left)
        if other is None:
            _refuse(found, one, theirs, called)
            continue
        left.pop((other.name, other.scale), None)
        found.pairs.append(Pair(one, other, one.differences(other)))
    for alone in left.values():
        if (alone.name, alone.scale) not in ours:
            found.refused.append(f"{alone}: in {called[1]} only")
    _match_datasets(found, first, second, called)
    return found


def _partner(one: Method, left: dict[tuple[str, int], Method]) -> Method | None:
    """The same method, of the same name where there are several; else one of its name with the same kind of network."""
    named = left.get((one.name, one.scale))
    if named is not None and one.same_as(named):
        return named
    same = [other for other in left.values() if other.scale == one.scale and one.same_as(other)]
    if same and one.training:
        return same[0]
    alike = named is not None and all(one.network.get(key) == named.network.get(key) for key in NETWORK)
    return named if alike else None


def _refuse(found: Matched, one: Method, theirs: dict[tuple[str, int], Method], called: list[str]) -> None:
    other = theirs.get((one.name, one.scale))
    if other is None:
        found.refused.append(f"{one}: in {called[0]} only")
        return
    reason = shortened(one.differences(other))
    found.refused.append(
        f"{one}: is another network in {called[1]} ({reason}); to compare them, say --pair {one.name}={other.name}"
    )


def _given(
    wanted: Sequence[str],
    ours: dict[tuple[str, int], Method],
    theirs: dict[tuple[str, int], Method],
    called: list[str],
) -> dict[tuple[str, int], Method]:
    found: dict[tuple[str, int], Method] = {}
    for text in wanted:
        name, _, other = text.partition("=")
        for one, known, run in ((name, ours, called[0]), (other, theirs, called[1])):
            if one not in {method for method, _ in known}:
                there = ", ".join(sorted({method for method, _ in known}))
                raise ConfigError(
                    f"--pair {text}: {run} has no method {one!r}; expected FIRST=SECOND, with methods of {there}"
                )
        found |= {(name, scale): theirs[other, scale] for n, scale in ours if n == name and (other, scale) in theirs}
    return found


def _match_datasets(found: Matched, first: Run, second: Run, called: list[str]) -> None:
    """Test sets by the pixels of their images; those of one name that differ are refused."""
    ours, theirs = _scored(first), _scored(second)
    for dataset, scale in ours:
        candidates = sorted((d for d, s in theirs if s == scale), key=lambda name: name != dataset)
        reason = f"in {called[0]} only"
        for candidate in candidates:
            difference = images.differ(first, second, (dataset, candidate), scale)
            if not difference:
                found.datasets[dataset, scale] = candidate
                break
            if candidate == dataset:
                reason = difference
        else:
            found.refused.append(f"test set {dataset} x{scale}: {reason}")
    matched = {(name, scale) for (_, scale), name in found.datasets.items()}
    for dataset, scale in theirs:
        if (dataset, scale) not in matched and (dataset, scale) not in ours:
            found.refused.append(f"test set {dataset} x{scale}: in {called[1]} only")


def _scored(run: Run) -> list[tuple[str, int]]:
    """Test sets of a run, with scales."""
    rows = run.table[run.table.kind == "quality"][["dataset", "scale"]].drop_duplicates()
    return [(dataset, int(scale)) for dataset, scale in rows.itertuples(index=False)]
