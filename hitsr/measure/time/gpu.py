"""What `nvidia-smi` says of the GPU while networks are timed: clocks, power, temperature."""

import csv
import statistics
import subprocess
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import torch

FIELDS = (
    "name", "driver_version", "persistence_mode", "power.limit", "power.draw", "temperature.gpu", "clocks.sm",
    "clocks.mem", "clocks.max.sm", "clocks.max.mem", "utilization.gpu", "memory.used",
)  # fmt: skip
"""Power in W, temperature in °C, clocks in MHz, utilization in %, memory in MiB, all processes together."""
WORDS = ("name", "driver_version", "persistence_mode")
ABSENT = ("", "n/a", "[n/a]", "[not supported]", "[unknown error]", "[insufficient permissions]")
PAUSE = 2.0
"""Seconds between two looks."""

State = dict[str, str | float | None]


def named(device: "torch.device") -> str | None:
    """A device as `nvidia-smi` knows it; None for a CPU."""
    if device.type != "cuda":
        return None
    import torch

    return f"GPU-{torch.cuda.get_device_properties(device).uuid}"


class Watch:
    """Looks at a GPU now and then, while its block lasts; does nothing on a CPU.

    Args:
        gpu: as `named` gives it.
    """

    def __init__(self, gpu: str | None):
        self._seen: list[State] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(gpu,), daemon=True) if gpu is not None else None

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self, gpu: str) -> None:
        while True:
            state = gpu_state(gpu)
            if any(value is not None for value in state.values()):
                self._seen.append(state)
            if self._over.wait(PAUSE):
                return

    def summary(self) -> dict[str, object] | None:
        """Words as they were at first; numbers as lowest, median and highest; None where nothing was seen."""
        if not self._seen:
            return None
        found: dict[str, object] = {field: self._seen[0][field] for field in WORDS}
        for field in FIELDS:
            values = [value for state in self._seen if isinstance(value := state[field], float)]
            if field not in WORDS:
                found[field] = [min(values), statistics.median(values), max(values)] if values else None
        return found


def gpu_state(gpu: str) -> State:
    """The fields above, numbers as numbers; None for what this driver or GPU does not tell, or without `nvidia-smi`."""
    values = _query(gpu, FIELDS)
    # one unknown field and nvidia-smi answers none
    return values or {field: (_query(gpu, (field,)) or {field: None})[field] for field in FIELDS}


def _query(gpu: str, fields: tuple[str, ...]) -> State | None:
    command = ["nvidia-smi", f"--id={gpu}", f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return parsed(answer, fields)


def parsed(answer: str, fields: tuple[str, ...]) -> State | None:
    """Fields of one line of `nvidia-smi --format=csv,noheader,nounits`; None if it has another number of them."""
    values = next(csv.reader(answer.splitlines(), skipinitialspace=True), [])
    if len(values) != len(fields):
        return None
    return {field: _value(field, value.strip()) for field, value in zip(fields, values, strict=True)}


def _value(field: str, text: str) -> str | float | None:
    if text.lower() in ABSENT:
        return None
    if field in WORDS:
        return text
    try:
        return float(text)
    except ValueError:
        return None
