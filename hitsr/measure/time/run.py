"""Time the networks of a run against each other, at one size or at several, and write a measurement file."""

import sys
from collections.abc import Sequence
from pathlib import Path

from hitsr.configuration.steps import ResolutionsSettings, TimeSettings
from hitsr.errors import ResultError
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.process import WorkerError
from hitsr.measure.time.record import recorded
from hitsr.measure.time.results import Measured, Size
from hitsr.measure.time.rounds import measure
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import write_record


def run(step: TimeSettings, output: Path) -> None:
    """Time networks of the run against each other, at one size or at several, and write one measurement file."""
    watch = Stopwatch()
    setting = Setting(
        step.scale, step.warm_up, step.repeats, step.threads, step.device,
        timeout=step.timeout, keep_pages=step.keep_pages,
    )  # fmt: skip
    contestants = [
        Contestant(each.method, each.network.name, each.network.options, each.implementation, each.backend)
        for each in step.contestants
    ]
    found = timed(contestants, setting, step.sizes)
    kind = "resolutions" if isinstance(step, ResolutionsSettings) else "latency"
    identity = {"kind": kind, "method": None, "scale": step.scale, "seed": None}
    write_record(output, {**identity, **recorded(found, setting, watch, step.origin)})


def timed(contestants: Sequence[Contestant], setting: Setting, sizes: Sequence[Size]) -> Measured:
    """`measure`, strictly.

    A network for which there is not enough memory, and a back-end that is not there or fails, leave their place empty:
    that is a finding. Anything else ends the measurement, as numbers are to be had once it is mended.

    Raises:
        WorkerError: a network cannot be built or run, hangs or dies; naming it.
        ResultError: nothing could be measured.
    """
    found = measure(contestants, setting, sizes, failed=_told)
    if contestants and sizes and not any(result.times for result in found.results):
        reasons = "; ".join(str(result.failure) for result in found.results if result.failure)
        raise ResultError(f"x{setting.scale}: none of the networks could be timed: {reasons}")
    return found


def _told(error: WorkerError) -> None:
    if error.contestant.backend == "eager" and error.kind != "memory":
        raise error
    print(f"not measured: {error}", file=sys.stderr)
