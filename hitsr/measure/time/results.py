"""What was measured of each network, and its rows of the long table."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.process import Weighed, WorkerError
from hitsr.measure.time.timer import summary

Size = tuple[int, int]
"""Width and height of a low-resolution input."""


@dataclass
class Result:
    """One network.

    Attributes:
        implementation: the one that was measured; as asked for, but "reference" where there are no optimized layers.
        weighed: memory of a pass.
        times: milliseconds of each timed round.
        failure: why it has no numbers.
    """

    contestant: Contestant
    implementation: str = ""
    weighed: dict[Size, Weighed] = field(default_factory=dict)
    times: dict[Size, list[float]] = field(default_factory=lambda: defaultdict(list))
    failure: WorkerError | None = None

    def name(self) -> dict[str, str]:
        """What tells it from the others."""
        return {
            "method": self.contestant.method,
            "implementation": self.implementation or self.contestant.implementation,
            "backend": self.contestant.backend,
        }

    def rows(self, precision: str) -> Iterator[dict]:
        """Rows of the long table: `latency_median`, `latency_p10`, `latency_p90` (ms), `peak_memory` (MiB)."""
        for size, times in self.times.items():
            where = {**self.name(), "precision": precision, "input": f"{size[0]}x{size[1]}"}
            for name, value in summary(times).items():
                yield {**where, "quantity": f"latency_{name}", "unit": "ms", "value": value}
            peak = self.weighed[size].peak
            if peak is not None:
                yield {**where, "quantity": "peak_memory", "unit": "MiB", "value": peak}


@dataclass
class Measured:
    """All networks, in the order in which they were given.

    Attributes:
        failed: is told of each failure.
        groups: those whose rounds were interleaved.
        device, numerics: that the processes computed on and with.
        gpu: its clocks, power and temperature meanwhile, as `hitsr.measure.time.gpu` saw them.
    """

    results: list[Result]
    failed: Callable[[WorkerError], None] = lambda error: None
    groups: list[list[Result]] = field(default_factory=list)
    device: str = ""
    numerics: dict = field(default_factory=dict)
    gpu: dict | None = None

    def fail(self, result: Result, error: WorkerError) -> None:
        """Note a failure. What was measured before is no full measurement, and goes."""
        result.failure = error
        result.times.clear()
        self.failed(error)

    def again(self, result: Result) -> bool:
        """Whether another result is of the same network in the same implementation and back-end."""
        return any(other is not result and other.weighed and other.name() == result.name() for other in self.results)

    def rows(self, setting: Setting) -> list[dict]:
        """Rows of the long table of all networks."""
        return [row for result in self.results for row in result.rows(setting.precision)]

    def raw(self) -> list[dict]:
        """Milliseconds of every timed round, and what each back-end says of its preparation."""
        return [
            {
                **result.name(),
                "input": f"{size[0]}x{size[1]}",
                "milliseconds": times,
                "preparation": result.weighed[size].facts,
            }
            for result in self.results
            for size, times in result.times.items()
        ]

    def failures(self) -> list[dict]:
        """Who has no numbers, and why."""
        return [
            {**result.name(), "kind": result.failure.kind, "reason": result.failure.reason}
            for result in self.results
            if result.failure
        ]
