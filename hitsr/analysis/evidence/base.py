"""What a test of a claim found, and one outcome of several comparisons."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Result(NamedTuple):
    """One comparison in words, and its interval or what stands for it; empty if there is none."""

    text: str
    interval: str = ""


@dataclass
class Evidence:
    """What was found.

    Attributes:
        outcome: whether the claim holds by these numbers; None if they do not decide it.
        results: of each comparison.
        unmeasured: methods and operators without measurements.
        missing: why the numbers decide nothing.
        sources: measurement files.
        methods: methods whose conditions count.
        datasets: test sets that were used, with their number of images.
        conditions: under which the numbers were measured.
    """

    outcome: bool | None = None
    results: list[Result] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    datasets: dict[str, int] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)


def concluded(evidence: Evidence, claim: dict, holds: list[bool | None], undecided: str = "") -> Evidence:
    """One outcome of all comparisons: any that fails decides, otherwise all must hold and none be missing.

    Args:
        holds: of each comparison; None if it decides nothing.
        undecided: why not.
    """
    evidence.sources = list(dict.fromkeys(evidence.sources))
    evidence.methods = list(dict.fromkeys(evidence.methods))
    absent = [name for name in dict.fromkeys(evidence.unmeasured) if name not in evidence.methods]
    if evidence.unmeasured:
        where = "".join(f", {value}" for value in claim["where"].values())
        names = ", ".join(absent or dict.fromkeys(evidence.unmeasured))
        evidence.missing.append(f"not in this run: {claim['quantity']}{where} of {names}")
    if False in holds:
        evidence.outcome = False
    elif holds and None not in holds and not evidence.missing:
        evidence.outcome = True
    elif None in holds:
        evidence.missing.append(undecided)
    return evidence
