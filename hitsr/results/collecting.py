"""Collect all measurements of a run into one table: only what the present configuration and code would make."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hitsr.configuration.steps import CollectSettings
from hitsr.errors import ResultError
from hitsr.results import lineage
from hitsr.results.records import collect, read_record
from hitsr.results.stale import Stale, stale


def run(step: CollectSettings, output: Path) -> None:
    """Write the long table `output`, and beside it what it was collected from.

    Raises:
        ResultError: a file is missing, damaged, something else than its place says, or made otherwise than the
            configuration says; it is named, with the remedy.
    """
    # what measurements are made of may be gone, they themselves may not
    wanted = [Path(name) for name, each in step.files.items() if each.collected or Path(name).is_file()]
    records = {path: read_record(path) for path in wanted}
    _check_identities(step, records)
    kept = list(_outdated(step, records))
    if kept and not step.keep_stale:
        raise refusal(kept)
    for found in kept:
        print(f"kept: {found}", file=sys.stderr)
    measured = [path for path in records if step.files[str(path)].collected]
    collect(step.run, measured, output, {str(found.path): list(found.reasons) for found in kept}, records.__getitem__)


def refusal(found: Sequence[Stale]) -> ResultError:
    """What is said of results that were made otherwise than the configuration says."""
    others = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return ResultError(
        f"{found[0]}{others}; delete it and run the same command again, which makes it anew, or keep and mark such "
        "files by `report: {keep_stale: true}`"
    )


def _check_identities(step: CollectSettings, records: Mapping[Path, dict]) -> None:
    """A file in another one's place would give its numbers to another method."""
    for path, record in records.items():
        for key, value in step.files[str(path)].identity.items():
            if record.get(key) not in (None, value):
                raise ResultError(
                    f"{path}: holds {key} {record[key]!r}, expected {value!r}: it is a copy of another result; delete "
                    "it and run the same command again"
                )


def _outdated(step: CollectSettings, records: Mapping[Path, dict]) -> Iterator[Stale]:
    """Files that were made otherwise than the configuration says, or of something else than there is now."""
    found = {each.path: each for each in stale(step)}
    yield from found.values()
    for path, file in lineage.changed(records):
        if path not in found:
            yield Stale(path, step.files[str(path)].step, (f"{file} is not the file of that time",))
