"""What a result was computed on and with: hardware, packages, number formats, allocator. Nothing here imports torch."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

PACKAGES = (
    "torch", "numpy", "scipy", "pillow", "scikit-image", "fvcore", "ptflops", "safetensors", "triton", "snakemake",
)  # fmt: skip
"""Packages whose versions reports show; `packages` has all."""
TELLING = ("OMP_", "MKL_", "KMP_", "GOMP_", "ONEDNN_", "MALLOC_", "CUDA_", "CUBLAS_", "NVIDIA_TF32", "PYTORCH_")
"""Beginnings of environment variables that change speed, memory or rounding."""
PRELOADED = ("LD_PRELOAD", "GLIBC_TUNABLES")
CPU = Path("/sys/devices/system/cpu")


def hardware() -> dict[str, object]:
    """CPU model, cores this process may use, memory in GiB, GPU model and driver or None."""
    return {**_machine(), **_gpu()}


@cache
def _machine() -> dict[str, object]:
    import psutil

    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "governor": _text(CPU / "cpu0/cpufreq/scaling_governor"),
        "turbo": {"0": True, "1": False}.get(_text(CPU / "intel_pstate/no_turbo") or "", _boost()),
    }


def _boost() -> bool | None:
    return {"1": True, "0": False}.get(_text(CPU / "cpufreq/boost") or "")


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _gpu() -> dict[str, object]:
    """The GPU that PyTorch computes on, if it is loaded and sees one."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return {"gpu": None}
    return {
        "gpu": f"{torch.cuda.get_device_name()} (CUDA {torch.version.cuda})",
        "cudnn": torch.backends.cudnn.version(),
        "driver": driver(),
    }


@cache
def driver() -> str | None:
    """Version of NVIDIA's driver."""
    with suppress(OSError, ValueError, IndexError):
        words = Path("/proc/driver/nvidia/version").read_text(encoding="utf-8").splitlines()[0].split()
        return next(word for word in words if word[0].isdigit() and "." in word)
    if shutil.which("nvidia-smi") is None:
        return None
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
        return next(iter(done.stdout.split()), None)
    return None


@cache
def versions() -> dict[str, str | None]:
    """Versions of Python and of the packages that results depend on; None for those that are not installed."""
    installed = _installed()
    return {"python": platform.python_version(), **{name: installed.get(name) for name in PACKAGES}}


@cache
def packages() -> str:
    """Every installed package as `name==version`, separated by spaces: what `pip install` needs to make it again."""
    return " ".join(f"{name}=={version}" for name, version in sorted(_installed().items()))


@cache
def _installed() -> dict[str, str]:
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        # the first one on the path is the one that is imported
        if name:
            found.setdefault(name.lower().replace("_", "-"), distribution.version)
    return found


def numerics() -> dict[str, object]:
    """Flags of PyTorch that change rounding or the choice of kernels, in this process; empty where it is not loaded."""
    torch = sys.modules.get("torch")
    if torch is None:
        return {}
    flags: dict[str, object] = {
        "float32_matmul_precision": torch.get_float32_matmul_precision(),
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "mkldnn": torch.backends.mkldnn.is_available(),
    }
    if torch.cuda.is_available():
        flags |= {
            "matmul_tf32": torch.backends.cuda.matmul.allow_tf32,
            "cudnn_tf32": torch.backends.cudnn.allow_tf32,
            "cudnn_benchmark": torch.backends.cudnn.benchmark,
            "cudnn_deterministic": torch.backends.cudnn.deterministic,
        }
    return flags


def allocator() -> dict[str, object]:
    """The C library, whose allocator gives tensors their memory, and the variables that tune it and the libraries."""
    telling = {name: value for name, value in os.environ.items() if name.startswith(TELLING) or name in PRELOADED}
    return {"libc": " ".join(platform.libc_ver()) or None, "variables": dict(sorted(telling.items()))}


def threads() -> int | None:
    """CPU threads of PyTorch in this process; None where it is not loaded."""
    torch = sys.modules.get("torch")
    return None if torch is None else torch.get_num_threads()
