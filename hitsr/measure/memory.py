"""Memory: what a piece of work takes, and what the machine has left. MiB throughout; on a CPU as Linux tells it."""

import ctypes
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import torch

MIB = 2**20
RESERVE = 512.0
"""MiB that are left to everything else on the machine."""
CGROUPS = Path("/sys/fs/cgroup")


def peak_of(work: Callable[[], object], device: "torch.device") -> float:
    """MiB that `work` takes at most beyond what is there before: allocated on CUDA, resident on a CPU."""
    if device.type == "cuda":
        import torch

        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        allocated = torch.cuda.memory_allocated()
        work()
        torch.cuda.synchronize()
        return (torch.cuda.max_memory_allocated() - allocated) / MIB
    # what earlier work has left with the allocator would be used again, and not be seen
    give_back()
    reset_peak()
    before, code = resident("VmRSS"), resident("RssFile")
    work()
    # pages of libraries that are used for the first time are no memory of the work
    return max(0.0, resident("VmHWM") - before - max(0.0, resident("RssFile") - code))


def reset_peak() -> None:
    """Start measuring the highest resident set anew."""
    Path("/proc/self/clear_refs").write_text("5")


def resident(field: str) -> float:
    """A field of /proc/self/status.

    VmRSS: resident set, VmHWM: its peak, RssFile: its part that is mapped from files; VmData: private and writable.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def give_back() -> None:
    """Let glibc return freed memory to the system; nothing where there is another C library."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def within_what_is_left(device: "torch.device") -> Iterator[None]:
    """Let this process take no more memory inside than there is: then an allocation fails, and nothing is killed.

    On a CPU; on CUDA allocations fail by themselves.
    """
    if device.type != "cpu":
        yield
        return
    old = resource.getrlimit(resource.RLIMIT_DATA)
    most = int((resident("VmData") + max(0.0, available() - RESERVE)) * MIB)
    resource.setrlimit(resource.RLIMIT_DATA, (most if old[1] < 0 else min(most, old[1]), old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, old)


def available() -> float:
    """MiB that new work may take without swapping: of the machine, or of the control group that this process is in."""
    return min([psutil.virtual_memory().available / MIB, *_left_in_groups()])


def _left_in_groups() -> Iterator[float]:
    """What is left of the limits of the control groups around this process (batch systems and containers set them)."""
    try:
        groups = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return
    for _, controllers, name in groups:
        if controllers == "":
            root, limit, usage, cache = CGROUPS, "memory.max", "memory.current", "inactive_file"
        elif "memory" in controllers.split(","):
            root, cache = CGROUPS / "memory", "total_inactive_file"
            limit, usage = "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        folder = root / name.lstrip("/")
        for group in (folder, *folder.parents):
            if group == root.parent:
                break
            with suppress(OSError, ValueError):
                most = int((group / limit).read_text())
                used = int((group / usage).read_text())
                stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
                # the cache of files that are not in use is given up when memory is needed
                yield (most - used + int(stat.get(cache, 0))) / MIB
