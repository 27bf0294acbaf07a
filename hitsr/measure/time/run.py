"""Time the networks of a run against each other, at one size or at several, and write a measurement file."""

import sys
from collections.abc import Sequence
from pathlib import Path

from hitsr.configuration import costed, grown, growth_sizes
from hitsr.configuration.ablations import all_methods, formulations_of, scales_of
from hitsr.errors import ResultError
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.process import WorkerError
from hitsr.measure.time.record import recorded
from hitsr.measure.time.results import Measured, Size
from hitsr.measure.time.rounds import measure
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import IMPLEMENTATIONS, write_record

CONDITIONS = ("warm_up", "repeats", "threads", "device")
"""Keys of `latency` that say how each input is timed."""


def run(config: dict, scale: int, output: Path, digests: dict[str, str]) -> None:
    """Time all networks of the run against each other and write one measurement file."""
    watch = Stopwatch()
    settings = config["latency"]
    contestants = [name for name in costed(config) if scale in scales_of(config, name)]
    setting = Setting(scale, **{key: settings[key] for key in CONDITIONS})
    found = timed(_contestants(config, contestants), setting, [tuple(settings["input"])])
    identity = {"kind": "latency", "method": None, "scale": scale, "seed": None}
    write_record(output, {**identity, **recorded(found, setting, watch, digests)})


def run_sizes(config: dict, scale: int, output: Path, digests: dict[str, str]) -> None:
    """Time networks at every size of `latency.growth` but that of `latency`, and write one measurement file."""
    watch = Stopwatch()
    settings = {**config["latency"], "repeats": config["latency"]["growth"]["repeats"]}
    setting = Setting(scale, **{key: settings[key] for key in CONDITIONS})
    found = timed(_contestants(config, grown(config)), setting, growth_sizes(config))
    identity = {"kind": "growth", "method": None, "scale": scale, "seed": None}
    write_record(output, {**identity, **recorded(found, setting, watch, digests)})


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


def _contestants(config: dict, methods: list[str]) -> list[Contestant]:
    entries = all_methods(config)
    return [
        Contestant(name, entries[name]["network"], entries[name]["options"], IMPLEMENTATIONS[formulation])
        for name in methods
        for formulation in formulations_of(config, name)
    ]
