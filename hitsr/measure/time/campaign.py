"""A file of measurements that grows part by part, so that what takes hours goes on where it was ended.

A part is measured again if the source that it depends on, or its settings, have changed since.
"""

from collections.abc import Sequence
from pathlib import Path

from hitsr.devices import choose_device
from hitsr.errors import ResultError
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.record import origin, recorded
from hitsr.measure.time.results import Size
from hitsr.measure.time.rounds import measure
from hitsr.results.environment import driver, hardware, versions
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import read_record, write_record

MACHINE = ("cpu", "cores", "gpu")


class Campaign:
    """Timings of one machine in one file.

    Attributes:
        parts: what was measured, by name, as `hitsr.measure.time.record.recorded` gives it.

    Raises:
        ResultError: the file was measured on another machine, or with another PyTorch, driver or number format.
    """

    def __init__(self, path: Path, device: str):
        self.path, self.device = path, str(choose_device(device))
        machine = {key: value for key, value in hardware().items() if key in MACHINE}
        self.conditions = {**machine, "device": self.device, "torch": versions()["torch"], "driver": driver()}
        self.parts: dict[str, dict] = {}
        if path.exists():
            record = read_record(path)
            found = record.get("conditions", {})
            other = [f"{key} {found.get(key)} there, {value} now" for key, value in self.conditions.items()
                     if found.get(key) != value]  # fmt: skip
            if other:
                raise ResultError(
                    f"{path}: measured under other conditions ({'; '.join(other)}); give another --output"
                )
            self.parts = record["parts"]

    def part(self, name: str, contestants: Sequence[Contestant], setting: Setting, sizes: Sequence[Size]) -> dict:
        """A part, measured unless the file has it from the same source and settings."""
        wanted = origin(contestants, setting, sizes)
        known = self.parts.get(name)
        if known and all(known["provenance"][key] == value for key, value in wanted.items()):
            return known
        watch = Stopwatch()
        found = measure(contestants, setting, sizes)
        self.parts[name] = recorded(found, setting, watch, wanted)
        write_record(self.path, {"kind": "benchmark", "conditions": self.conditions, "parts": self.parts})
        return self.parts[name]


def size_of(text: str) -> Size:
    """Width and height of `WIDTHxHEIGHT`.

    Raises:
        ResultError: it is something else.
    """
    try:
        width, height = (int(side) for side in text.split("x"))
    except ValueError:
        raise ResultError(f"expected a size such as 1280x720, found {text!r}") from None
    if min(width, height) < 1:
        raise ResultError(f"expected a size of at least 1x1, found {text!r}")
    return width, height
