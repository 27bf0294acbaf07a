"""Stopping in good order: SIGTERM (a scheduler's time limit, a drained node) and Ctrl-C wait for the step to end."""

import signal
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
Handler = Callable[[int, FrameType | None], object] | int | None
"""What `signal.signal` takes and gives back: a function, SIG_DFL or SIG_IGN; None for one that is not Python's."""


class Interruption:
    """Within this context, a first signal is only noted; a second Ctrl-C acts as it always does.

    SIGTERM is ignored from then on: SLURM sends it twice within a tenth of a second, and torchrun once more.
    """

    def __init__(self) -> None:
        self.name: str | None = None
        self._before: dict[int, Handler] = {}

    def __enter__(self) -> "Interruption":
        self._before = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        self.name = signal.Signals(number).name
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, self._before[signal.SIGINT])
