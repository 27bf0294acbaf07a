"""Time the networks: every network in a process of its own, interleaved rounds, warm-up, median and percentiles.

In each round every network runs once, in turn, so that a machine that warms up or slows down favours none. The
processes wait for each other; so no network is faster for the memory that another one has left behind. Weights do
not matter for time and are fresh.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import Literal

from hitsr.errors import ResultError
from hitsr.progress import progress
from hitsr.results.records import IMPLEMENTATIONS


@dataclass(frozen=True)
class Contestant:
    """One network to time: `method` is its row in the tables."""

    method: str
    network: str
    options: dict
    formulation: str


@dataclass(frozen=True)
class Setting:
    """Under what conditions: scale, rounds, CPU threads, device; a forward pass, or a training step of a batch."""

    scale: int
    warm_up: int
    repeats: int
    threads: int
    device: str
    task: Literal["forward", "training"] = "forward"
    batch: int = 4


def measure(contestants: list[Contestant], setting: Setting, sizes: list[tuple[int, int]]) -> list[dict]:
    """Measure all networks under one setting, at low-resolution inputs of the given widths and heights.

    Returns:
        Rows of the long table: `latency_median`, `latency_p10`, `latency_p90` (ms) and `peak_memory` (MiB above
        what the process used before the pass) per method, formulation and size.

    Raises:
        ResultError: a process ended, perhaps for want of memory; naming its network.
    """
    rows = []
    with ExitStack() as stack:
        runners = [stack.enter_context(runner(contestant, setting)) for contestant in contestants]
        for size in sizes:
            peaks = [each.ask("peak", size) for each in runners]
            times: list[list[float]] = [[] for _ in runners]
            title = f"x{setting.scale} {size[0]}x{size[1]}"
            for number in progress(range(-setting.warm_up, setting.repeats), desc=f"{title} time", unit="round"):
                for each, own in zip(runners, times, strict=True):
                    milliseconds = each.ask("time", size)
                    if number >= 0:
                        own.append(milliseconds)
            for contestant, own, peak in zip(contestants, times, peaks, strict=True):
                rows += _rows(contestant, size, own, peak)
    return rows


def _rows(contestant: Contestant, size: tuple[int, int], milliseconds: list[float], peak: float) -> list[dict]:
    deciles = _deciles(milliseconds)
    values = {
        "latency_median": (statistics.median(milliseconds), "ms"),
        "latency_p10": (deciles[0], "ms"),
        "latency_p90": (deciles[8], "ms"),
        "peak_memory": (peak, "MiB"),
    }
    implementation = IMPLEMENTATIONS[contestant.formulation]
    where = {"method": contestant.method, "input": f"{size[0]}x{size[1]}", "implementation": implementation}
    return [{**where, "quantity": name, "unit": unit, "value": value} for name, (value, unit) in values.items()]


def _deciles(values: list[float]) -> list[float]:
    """The nine deciles, between the values themselves: of few rounds, extrapolation may reach below zero."""
    return statistics.quantiles(values, n=10, method="inclusive") if len(values) > 1 else values * 9


class Runner:
    """A process that holds one network and runs it when asked."""

    def __init__(self, contestant: Contestant, process: subprocess.Popen):
        self.contestant, self.process = contestant, process

    def ask(self, quantity: Literal["time", "peak"], size: tuple[int, int]) -> float:
        """Milliseconds, or MiB, of one pass at an input of this width and height."""
        try:
            print(json.dumps([quantity, size]), file=self.process.stdin, flush=True)
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            last = self.process.stderr.read().strip().splitlines()[-1:] or ["killed, perhaps for want of memory"]
            name = f"{self.contestant.method} ({self.contestant.formulation})"
            raise ResultError(f"{quantity} of {name} at {size[0]}x{size[1]} could not be measured: {last[0]}")
        return float(answer)


@contextmanager
def runner(contestant: Contestant, setting: Setting) -> Iterator[Runner]:
    """A `Runner` of `contestant`, which ends with the block."""
    command = [sys.executable, "-m", "hitsr.measure.time.worker", json.dumps([asdict(contestant), asdict(setting)])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, text=True, **pipes)
    try:
        yield Runner(contestant, process)
    finally:
        process.kill()
        process.communicate()
