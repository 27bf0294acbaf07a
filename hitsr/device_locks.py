"""Claims on devices: processes of one machine take different ones, by locks that the kernel drops when one ends."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from hitsr.errors import ConfigError

FOLDER = Path(f"/tmp/hitsr-devices-{os.getuid()}")
"""Where the locks of this user are kept: on this machine, and the same for every process whatever its TMPDIR."""


@dataclass(frozen=True)
class Claim:
    """A device taken.

    Attributes:
        index: its place in the list that was offered.
        others: processes that had it before.
        lock: open as long as the claim lasts.
    """

    index: int
    others: int
    lock: TextIO


def claim(devices: Sequence[str], group: str, folder: Path = FOLDER) -> Claim:
    """Take the device that the fewest living processes have taken; the first one among equals.

    Args:
        devices: names that identify each device on this machine.
        group: processes of one group never share a device.

    Raises:
        ConfigError: the group has all devices already, or the locks cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / "turn").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            holders = [list(_holders(folder, device)) for device in devices]
            free = [index for index in range(len(devices)) if group not in holders[index]]
            if not free:
                raise ConfigError(
                    f"{len(devices)} CUDA devices are visible, and each has a process of this training already; "
                    "lower train.processes"
                )
            index = min(free, key=lambda index: len(holders[index]))
            return Claim(index, len(holders[index]), _lock(folder, devices[index], group))
    except OSError as error:
        raise ConfigError(
            f"{folder}: the locks that keep processes on different GPUs cannot be written ({error.strerror}); "
            "remove the folder, or make it yours"
        ) from error


def _paths(folder: Path, device: str) -> Iterator[Path]:
    return iter(sorted(folder.glob(f"{device}.*.lock")))


def _holders(folder: Path, device: str) -> Iterator[str]:
    """Groups of the living processes that have taken the device."""
    for path in _paths(folder, device):
        with path.open("r+") as file:
            if not _try(file):
                yield file.read()


def _lock(folder: Path, device: str, group: str) -> TextIO:
    """Take a lock of the device that nobody has, a new one if need be."""
    number = len(list(_paths(folder, device)))
    for path in [*_paths(folder, device), folder / f"{device}.{number}.lock"]:
        file = path.open("a+")
        if _try(file):
            file.truncate(0)
            file.write(group)
            file.flush()
            return file
        file.close()
    raise AssertionError("a lock file that was just made is free, since one process at a time makes them")


def _try(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
