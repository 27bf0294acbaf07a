"""The claims card: which of the paper's claims hold by the measurements of a run, and what is missing for the rest.

`hitsr/catalogs/claims.yaml` says what decides each claim. A verdict is given only where the run meets the conditions
that the claim requires: a reduced network or a short training decides nothing about the paper, whatever it measured.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd

from hitsr.analysis.conditions import SIZES, claim_training_differs, device_of, network_differs, test_set_differs
from hitsr.analysis.evidence import Evidence, gather
from hitsr.analysis.measurements import read
from hitsr.atomic import write_text
from hitsr.catalogs import FOLDER
from hitsr.configuration import read_checked
from hitsr.configuration.models.claims import Claims

FILE = FOLDER / "claims.yaml"
SEEDS = 3
"""Trainings of each method below which a difference may be chance in training."""

Verdict = Literal["holds", "does not hold", "undecided"]


@dataclass(frozen=True)
class Finding:
    """What a run says about a claim.

    Attributes:
        key: of `hitsr/catalogs/claims.yaml`.
        claim: the sentence.
        section: where the paper makes it.
        verdict: of this run, under its conditions.
        figure: what was measured.
        interval: its interval.
        conditions: under which it was measured.
        missing: what a verdict lacks, and where to get it; empty if there is a verdict.
        sources: measurement files.
    """

    key: str
    claim: str
    section: str
    verdict: Verdict
    figure: str
    interval: str
    conditions: str
    missing: str
    sources: tuple[str, ...]


def judge(table: pd.DataFrame, config: dict) -> list[Finding]:
    """Judge every claim by the measurements of a run (the long table and the complete configuration)."""
    return [_finding(key, claim, table, config) for key, claim in claims().items()]


def summary(findings: list[Finding]) -> str:
    """One line, such as `claims: 3 hold · 1 does not hold · 5 undecided`."""
    count = Counter(finding.verdict for finding in findings)
    hold = f"{count['holds']} hold{'s' if count['holds'] == 1 else ''}"
    not_hold = f"{count['does not hold']} {'does' if count['does not hold'] == 1 else 'do'} not hold"
    return f"claims: {hold} · {not_hold} · {count['undecided']} undecided"


@cache
def claims() -> dict[str, dict]:
    """The entries of `hitsr/catalogs/claims.yaml`, checked and complete."""
    return read_checked(FILE, Claims)


def _finding(key: str, claim: dict, table: pd.DataFrame, config: dict) -> Finding:
    evidence = gather(table, config, claim)
    unmet = [text for name in claim["requires"] for text in REQUIREMENTS[name](evidence, claim, config)]
    missing = [*evidence.missing, *unmet] if evidence.outcome is None else unmet
    verdict: Verdict = "undecided" if missing else "holds" if evidence.outcome else "does not hold"
    if missing and claim["remedy"]:
        missing.append(claim["remedy"])
    return Finding(
        key,
        claim["claim"],
        claim["section"],
        verdict,
        evidence.figure or "not measured",
        evidence.interval,
        _conditions(evidence, claim, config),
        "; ".join(dict.fromkeys(missing)),
        tuple(evidence.sources),
    )


def _conditions(evidence: Evidence, claim: dict, config: dict) -> str:
    """What this run measured under, as far as it matters to the test."""
    parts = []
    if claim["test"] == "ratio" and not evidence.sources:
        return ""
    if claim["test"] == "ratio" and claim["quantity"] == "latency_median":
        width, height = config["latency"]["input"]
        parts = [
            device_of(evidence.sources[0])[0],
            f"input {width}×{height}",
            f"{config['latency']['threads']} thread{'s' if config['latency']['threads'] > 1 else ''}",
        ]
    elif claim["test"] == "ratio":
        width, height = config["complexity"]["output"]
        parts = [f"×{', ×'.join(map(str, config['scales']))}, output {width}×{height}"]
    elif claim["test"] == "growth":
        parts = ["counted by fvcore on the published formulation, per window, without projections"]
    if claim["test"] in ("paired", "convergence") and evidence.figure:
        seeds = len(config["seeds"])
        parts += [f"{images} images of {name}" for name, images in evidence.datasets.items()]
        parts += [f"{seeds} training{'s' if seeds > 1 else ''} of each method"]
    return "; ".join([*parts, *filter(None, [claim["remark"]])])


def _published_size(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    # what counts sizes counts them at the published one
    return [] if claim["quantity"] in SIZES else _per_method(evidence, config, network_differs)


def _paper_training(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    return _per_method(evidence, config, claim_training_differs)


def _per_method(evidence: Evidence, config: dict, differs) -> list[str]:
    """Each departure once, with the methods that it concerns."""
    found: dict[str, list[str]] = {}
    for method in evidence.methods:
        found.setdefault(differs(config, method), []).append(method)
    found.pop("", None)
    return [f"{', '.join(methods)}: {text}" if len(found) > 1 else text for text, methods in found.items()]


def _paper_test_sets(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    return [text for name, images in evidence.datasets.items() if (text := test_set_differs(name, images))]


def _paper_input(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    width, height = config["latency"]["input"]
    if not evidence.sources or (config["scales"] == [2] and (width, height) == (640, 360)):
        return []
    return [f"timed on {width}×{height}, not on 640×360 at ×2"]


def _gpu(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    return (
        ["timed on a CPU, by the paper on a GPU"] if evidence.sources and not device_of(evidence.sources[0])[1] else []
    )


def _seeds(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    seeds = len(config["seeds"])
    return [f"{seeds} of {SEEDS} trainings of each method"] if evidence.figure and seeds < SEEDS else []


REQUIREMENTS = {
    "published_size": _published_size,
    "paper_training": _paper_training,
    "paper_test_sets": _paper_test_sets,
    "paper_input": _paper_input,
    "gpu": _gpu,
    "seeds": _seeds,
}


def render(measurements: Path, config: dict, folder: Path) -> None:
    """Write `folder/claims.md`."""
    write_text(folder / "claims.md", as_markdown(judge(read(measurements), config), config["run"]))


def as_markdown(findings: list[Finding], run: str) -> str:
    """The card: the summary line, then one table with a row per claim."""
    lines = [
        f"**{summary(findings)}** (run {run})",
        "",
        "| Claim | In the paper | Verdict | Measured | Interval | Conditions | Missing for a verdict |",
        "|:--|:--|:--|:--|:--|:--|:--|",
    ]
    for f in findings:
        cells = (f.claim, f.section, f"**{f.verdict}**", f.figure, f.interval, f.conditions, f.missing)
        lines.append(
            "| " + " | ".join((cell or "–").replace("; ", ";<br>").replace("|", "\\|") for cell in cells) + " |"
        )
    note = "A verdict is of this run, under the conditions given. Each claim and its test: hitsr/catalogs/claims.yaml."
    return "\n".join([*lines, "", note, ""])
