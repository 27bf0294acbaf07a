"""How much of a workflow is left: from the jobs that it has done, and from the bars of those that run."""

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

TAIL = 4096
"""Bytes at the end of a log that hold the last line of a progress bar."""
BAR = re.compile(r"(?P<percent>\d+)%\|[^|]*\|.*?\[[^<\]]*<(?P<left>[\d:]+)")
"""A line of a progress bar, with the time that is left."""
ANY_BAR = re.compile(r"\d+%\|")


@dataclass
class Job:
    """A job of the workflow.

    Attributes:
        title: rule and what tells its jobs apart, such as `train HiT-SIR x2 seed 0`.
        log: file of what it says.
        started: seconds, by `time.monotonic`.
    """

    rule: str
    title: str
    threads: int
    log: Path | None
    started: float = 0.0

    @property
    def has_one_bar(self) -> bool:
        """Whether its progress bar is of all that it does; other rules show one for each part."""
        return self.rule == "train"

    def progress(self) -> tuple[int, float] | None:
        """Percent done, and seconds that are left, by the last bar in its log; None without one."""
        bars = list(BAR.finditer(_end(self.log))) if self.log is not None else []
        return (int(bars[-1]["percent"]), seconds(bars[-1]["left"])) if bars else None

    def said(self) -> list[str]:
        """What its log holds besides progress bars."""
        lines = (
            (line.strip() for line in _end(self.log, 16 * TAIL).replace("\r", "\n").splitlines()) if self.log else ()
        )
        return [line for line in lines if line and not ANY_BAR.search(line)]


def title(rule: str, wildcards: dict[str, str]) -> str:
    """Rule and what tells its jobs apart."""
    shown = {"scale": "x{}", "seed": "seed {}"}
    return " ".join([rule, *(shown.get(name, "{}").format(value) for name, value in wildcards.items())])


def seconds(clock: str) -> float:
    """Seconds of `12:34` or `1:02:03`."""
    total = 0
    for part in clock.split(":"):
        total = 60 * total + int(part)
    return float(total)


def _end(path: Path, size: int = TAIL) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - size))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


@dataclass
class Remaining:
    """What a workflow has to do yet.

    Attributes:
        waiting: number of jobs by rule that have not begun.
        cores: that jobs can use at once.
        times: seconds of finished jobs by rule, each times its threads.
    """

    waiting: Counter[str]
    cores: int
    times: dict[str, list[float]] = field(default_factory=dict)

    def finished(self, job: Job) -> None:
        """Learn from a job that ended."""
        self.times.setdefault(job.rule, []).append((time.monotonic() - job.started) * job.threads)

    def estimate(self, running: Iterable[Job]) -> tuple[float, bool]:
        """Seconds until the end, and whether that is a lower bound: no job of some rule has ended yet."""
        work, bound, typical = 0.0, False, 0.0
        for job in running:
            found, mean = job.progress(), self._mean(job.rule)
            spent = (time.monotonic() - job.started) * job.threads
            if found and job.has_one_bar:
                work += found[1] * job.threads
                typical = max(typical, found[1])
                continue
            # by its bar at least what is left of this part, by others of its rule what they took
            of_part = found[1] * job.threads if found else 0.0
            work += of_part if mean is None else max(of_part, mean - spent)
            bound |= mean is None
        for rule, count in self.waiting.items():
            if not count:
                continue
            mean = self._mean(rule)
            if mean is None:
                bound = True
                # trainings that wait take at least what the running one takes yet
                mean = typical if rule == "train" else 0.0
            work += count * mean
        return work / max(self.cores, 1), bound

    def _mean(self, rule: str) -> float | None:
        known = self.times.get(rule)
        return sum(known) / len(known) if known else None


def duration(span: float) -> str:
    """Seconds in words of a sensible length."""
    if span < 90:
        return f"{max(round(span), 1)} s"
    if span < 90 * 60:
        return f"{round(span / 60)} min"
    hours = span / 3600
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
