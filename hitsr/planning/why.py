"""Why steps of a run are done again, in words, and which results nobody would do again although they are outdated."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hitsr.configuration.steps import CollectSettings, ReportSettings
from hitsr.errors import ResultError
from hitsr.results.records import read_record
from hitsr.results.stale import Stale, changed_files, changed_keys, stale

SHOWN = 20
"""Reasons that are told."""


def told(found: Sequence[Stale]) -> Iterator[str]:
    """A line for each reason, with the steps that it redoes; the most far-reaching first."""
    steps: dict[str, Counter[str]] = {}
    for each in found:
        for reason in each.reasons:
            steps.setdefault(reason, Counter())[each.step] += 1
    ordered = sorted(steps.items(), key=lambda item: -item[1].total())
    for reason, counts in ordered[:SHOWN]:
        yield f"{reason}  [{', '.join(f'{step} {count}' for step, count in counts.items())}]"
    if len(ordered) > SHOWN:
        yield f"and {len(ordered) - SHOWN} more reasons"


def forgotten(
    wanted: CollectSettings, found: Sequence[Stale], remembered: Callable[[Path], Sequence[str] | None]
) -> list[Stale]:
    """Outdated results that Snakemake takes for up to date.

    It does where it has no memory of how a file was made (copied from elsewhere, or `.snakemake` is gone), or a wrong
    one (`--touch`).

    Args:
        remembered: the parameters that Snakemake remembers a file to be made with, as Python writes them.
    """
    silent = []
    for each in found:
        expected = wanted.files[str(each.path)]
        known = remembered(each.path)
        if known is None or repr(parameter(expected.config_digest, expected.source_digest)) in known:
            silent.append(each)
    return silent


def redrawn(step: ReportSettings, given: Path, remembered: Sequence[str] | None) -> Iterator[str]:
    """In what a part of the report, which has no record, is to be made otherwise than it was.

    Args:
        given: folder of the settings that steps of the run were given.
        remembered: the parameters that Snakemake remembers it to be made with; None if it is not there, or forgotten.
    """
    before = re.search(parameter(r"(\w+)", r"(\w+)"), " ".join(remembered or ()))
    if before is None or before[0] == parameter(step.digest, step.fingerprint):
        return
    try:
        record = read_record(given / f"{step.label}-{before[1]}.json")
    except ResultError:
        return
    now = step.deciding()
    yield from changed_keys({key: record["settings"].get(key) for key in now}, now)
    if before[2] != step.fingerprint:
        # an interrupted workflow has written down the code of now
        known = record["code"] if record.get("fingerprint") == before[2] else {}
        yield from changed_files(known, step.code) if known else ["the code that makes it changed"]


def outdated(wanted: CollectSettings) -> list[Stale]:
    """All results of a run that are there and that the present configuration and code would make otherwise."""
    return list(stale(wanted))


def parameter(config_digest: str, source_digest: str) -> str:
    """What Snakemake is told that a step depends on; it does the step again when this changes."""
    return f"settings {config_digest}, code {source_digest}"
