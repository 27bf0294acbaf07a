"""What made a file: command, configuration, source, commit, versions, hardware, threads, seed, time."""

import hashlib
import importlib.metadata
import json
import os
import platform
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from hitsr.results.fingerprints import ROOT

PACKAGES = ("torch", "numpy", "pillow", "scikit-image", "fvcore", "ptflops", "safetensors", "snakemake")


def digest(value: object) -> str:
    """12 hexadecimal digits of the JSON of `value`, the same for equal values."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


class Stopwatch:
    """Started when made; gives the provenance of a result when the work is done."""

    def __init__(self) -> None:
        self.started = datetime.now(UTC)
        self._start = time.perf_counter()

    def provenance(
        self,
        *,
        config_digest: str,
        source_digest: str,
        seed: int | None = None,
        device: str = "cpu",
        threads: int | None = None,
    ) -> dict[str, object]:
        """Everything needed to make the result again. Durations in seconds, memory in GiB.

        Args:
            threads: CPU threads of the work, if processes of its own did it; else those of this process.
        """
        return {
            "command": _command(),
            "config_digest": config_digest,
            "source_digest": source_digest,
            **commit(),
            "versions": {"python": platform.python_version(), **_versions()},
            "hardware": hardware(),
            "device": device,
            "threads": threads or _threads(),
            "seed": seed,
            "started": self.started.isoformat(timespec="seconds"),
            "duration_s": round(time.perf_counter() - self._start, 3),
        }


def _command() -> str:
    """The command line: a verb of `hitsr`, or a script of `benchmarks/`."""
    script = Path(sys.argv[0]).resolve()
    program = ["python", f"benchmarks/{script.name}"] if script.parent == ROOT / "benchmarks" else ["hitsr"]
    return shlex.join([*program, *sys.argv[1:]])


def commit() -> dict[str, object]:
    """Commit of the source, and whether tracked files differ from it; None where there is no repository."""
    head = _git("rev-parse", "HEAD")
    status = _git("status", "--porcelain", "--untracked-files=no")
    return {"commit": head, "dirty": None if status is None else bool(status)}


@cache
def hardware() -> dict[str, object]:
    """CPU model, cores this process may use, memory in GiB, GPU model and driver or None."""
    import psutil

    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "gpu": _gpu(),
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _gpu() -> str | None:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return f"{torch.cuda.get_device_name()} (CUDA {torch.version.cuda})"


def _threads() -> int | None:
    torch = sys.modules.get("torch")
    return None if torch is None else torch.get_num_threads()


@cache
def _versions() -> dict[str, str | None]:
    versions: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    return versions


@cache
def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
