"""The claims card: which of the paper's claims hold by the measurements of a run, and what is missing for the rest.

`hitsr/catalogs/claims.yaml` says what decides each claim. A verdict is given only where the run meets the conditions
that the claim requires: a reduced network or a short training decides nothing about the paper, whatever it measured.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from hitsr.analysis.evidence import Result, gather
from hitsr.analysis.requirements import unmet
from hitsr.configuration.claims import claims

Verdict = Literal["holds", "does not hold", "undecided"]


@dataclass(frozen=True)
class Finding:
    """What a run says about a claim.

    Attributes:
        key: of `hitsr/catalogs/claims.yaml`.
        claim: the sentence.
        section: where the paper makes it.
        verdict: of this run, under its conditions.
        results: what was measured, with intervals.
        conditions: under which it was measured.
        missing: what a verdict lacks, and where to get it; empty if there is a verdict.
        sources: measurement files.
    """

    key: str
    claim: str
    section: str
    verdict: Verdict
    results: tuple[Result, ...]
    conditions: tuple[str, ...]
    missing: tuple[str, ...]
    sources: tuple[str, ...]


def judge(table: pd.DataFrame, config: dict) -> list[Finding]:
    """Judge every claim by the measurements of a run (the long table and the complete configuration)."""
    return [_finding(key, claim, table, config) for key, claim in claims(config["plugins"]).items()]


def summary(findings: list[Finding]) -> str:
    """One line, such as `claims: 3 hold · 1 does not hold · 5 undecided`."""
    count = Counter(finding.verdict for finding in findings)
    hold = f"{count['holds']} hold{'s' if count['holds'] == 1 else ''}"
    not_hold = f"{count['does not hold']} {'does' if count['does not hold'] == 1 else 'do'} not hold"
    return f"claims: {hold} · {not_hold} · {count['undecided']} undecided"


def _finding(key: str, claim: dict, table: pd.DataFrame, config: dict) -> Finding:
    evidence = gather(table, config, claim)
    lacking = unmet(evidence, claim, config)
    missing = [*evidence.missing, *lacking] if evidence.outcome is None else lacking
    verdict: Verdict = "undecided" if missing else "holds" if evidence.outcome else "does not hold"
    if missing and claim["remedy"]:
        missing.append(claim["remedy"])
    conditions = [*evidence.conditions, *([claim["remark"]] if claim["remark"] and evidence.sources else [])]
    return Finding(
        key,
        claim["claim"],
        claim["section"],
        verdict,
        tuple(evidence.results),
        tuple(conditions),
        tuple(dict.fromkeys(missing)),
        tuple(evidence.sources),
    )
