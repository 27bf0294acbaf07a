"""The claims card: which of the paper's claims hold by the measurements of a run, and what is missing for the rest.

`hitsr/catalogs/claims.yaml` says what decides each claim. A verdict is given only where the run meets the conditions
that the claim requires: a reduced network or a short training decides nothing about the paper, whatever it measured.
"""

import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from hitsr.analysis import power
from hitsr.analysis.evidence import Evidence, Result, gather
from hitsr.analysis.identity import device
from hitsr.analysis.power import Power
from hitsr.analysis.requirements import unmet
from hitsr.analysis.run import Run
from hitsr.analysis.verdicts import Rule, Verdict
from hitsr.configuration.claims import claims

__all__ = ["Finding", "Verdict", "judge", "summary"]


@dataclass(frozen=True)
class Finding:
    """What a run says about a claim.

    Attributes:
        key: of `hitsr/catalogs/claims.yaml`; with `@` and a device for what a claim about an A100 is on another GPU.
        claim: the sentence.
        section: where the paper makes it.
        verdict: of this run, under its conditions.
        results: what was measured, with intervals.
        conditions: under which it was measured.
        missing: what a verdict lacks, and where to get it; empty if there is a verdict.
        sources: measurement files.
        rule: how it is decided.
        number: the comparison that is nearest to failing: the one number of the claim; None if nothing was measured.
        power: what the comparisons that are open could have found.
    """

    key: str
    claim: str
    section: str
    verdict: Verdict
    results: tuple[Result, ...]
    conditions: tuple[str, ...]
    missing: tuple[str, ...]
    sources: tuple[str, ...]
    rule: Rule
    number: Result | None = None
    power: tuple[Power, ...] = ()

    @property
    def of_the_paper(self) -> bool:
        """Whether it is the claim itself, not what it is on another device."""
        return "@" not in self.key


def judge(table: pd.DataFrame, config: dict) -> list[Finding]:
    """Judge every claim by the measurements of a run (the long table and the complete configuration)."""
    run = Run(table, config)
    return [finding for key, claim in claims(config["plugins"]).items() for finding in findings_of(key, claim, run)]


def summary(findings: list[Finding]) -> str:
    """One line, such as `claims: 3 hold · 1 does not hold · 5 undecided`."""
    count = Counter(finding.verdict for finding in findings if finding.of_the_paper)
    hold = f"{count['holds']} hold{'s' if count['holds'] == 1 else ''}"
    not_hold = f"{count['does not hold']} {'does' if count['does not hold'] == 1 else 'do'} not hold"
    return f"claims: {hold} · {not_hold} · {count['undecided']} undecided"


def findings_of(key: str, claim: dict, run: Run) -> list[Finding]:
    """What a run says about a claim, and about the same on its own GPU where the paper had another."""
    evidence = gather(run, claim)
    lacking = unmet(evidence, run, claim)
    found = [_finding(key, claim["claim"], claim, evidence, lacking)]
    name, gpu = device(evidence.sources[0]) if evidence.sources else ("", False)
    if gpu and "a100" in lacking:
        rest = {requirement: texts for requirement, texts in lacking.items() if requirement != "a100"}
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        found.append(_finding(f"{key}@{slug}", f"On {name}, not the paper's: {claim['claim']}", claim, evidence, rest))
    return found


def _finding(key: str, sentence: str, claim: dict, evidence: Evidence, lacking: dict[str, list[str]]) -> Finding:
    missing = [text for texts in lacking.values() for text in texts]
    absent = [name for name in dict.fromkeys(evidence.unmeasured) if name not in evidence.methods]
    absent = absent or list(dict.fromkeys(evidence.unmeasured))
    if absent:
        where = "".join(f", {value}" for value in claim["where"].values())
        missing.insert(0, f"not in this run: {claim['quantity']}{where} of {', '.join(absent)}")
    decided: Verdict = "undecided"
    if not lacking:
        decided = evidence.rule.decide([*evidence.estimates, *([None] * len(absent))])
    if decided != "undecided":
        missing = []
    elif not lacking:
        missing += [*evidence.open, *_contains(evidence)]
    if missing and claim["remedy"] and (lacking or absent):
        missing.append(claim["remedy"])
    conditions = [*evidence.conditions, *([claim["remark"]] if claim["remark"] and evidence.sources else [])]
    return Finding(
        key,
        sentence,
        claim["section"],
        decided,
        tuple(evidence.results),
        tuple(dict.fromkeys(conditions)),
        tuple(dict.fromkeys(missing)),
        tuple(dict.fromkeys(evidence.sources)),
        evidence.rule,
        evidence.weakest,
        _power(evidence) if decided == "undecided" else (),
    )


def _contains(evidence: Evidence) -> list[str]:
    """How many intervals contain the bound, and so decide nothing."""
    known = [estimate for estimate in evidence.estimates if estimate is not None]
    open_ones = [estimate for estimate in known if evidence.rule.open(estimate)]
    if not open_ones:
        return []
    bound = f"{evidence.rule.bound:g}"
    which = "the interval contains" if len(known) == 1 else f"{len(open_ones)} of {len(known)} intervals contain"
    return [f"{which} {bound}, so the data do not say on which side of it the truth is"]


def _power(evidence: Evidence) -> tuple[Power, ...]:
    """What the comparisons that decide nothing could have found."""
    found = [power.of(one) for one in evidence.compared if one.estimate and not evidence.rule.beyond(one.estimate)]
    return tuple(one for one in found if one)
