"""Time the networks: interleaved rounds, warm-up, median and percentiles, peak memory in processes of their own.

In each round every network runs once, in turn, so that a machine that warms up or slows down favours none.
Weights do not matter for time and are fresh.
"""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn

from hitsr.catalogue import build
from hitsr.devices import choose_device
from hitsr.errors import ResultError
from hitsr.progress import progress


@dataclass(frozen=True)
class Contestant:
    """One network to time: `method` is its row in the tables."""

    method: str
    network: str
    options: dict
    formulation: str

    def build(self, scale: int) -> nn.Module:
        return build(self.network, scale, **{**self.options, "formulation": self.formulation}).eval()


@dataclass(frozen=True)
class Setting:
    """Under what conditions: scale, low-resolution input (width, height), rounds, CPU threads, device."""

    scale: int
    input: tuple[int, int]
    warm_up: int
    repeats: int
    threads: int
    device: str


def measure(contestants: list[Contestant], setting: Setting) -> list[dict]:
    """Measure all networks under one setting.

    Returns:
        Rows of the long table: `latency_median`, `latency_p10`, `latency_p90` (ms) and `peak_memory` (MiB above
        what the process used before the forward pass) per method and formulation.
    """
    torch.set_num_threads(setting.threads)
    rows = []
    times = _interleaved(contestants, setting)
    for contestant in progress(contestants, desc=f"memory x{setting.scale}", unit="network"):
        milliseconds = times[contestant.method, contestant.formulation]
        deciles = _deciles(milliseconds)
        width, height = setting.input
        where = {"method": contestant.method, "input": f"{width}x{height}", "variant": contestant.formulation}
        values = {
            "latency_median": statistics.median(milliseconds),
            "latency_p10": deciles[0],
            "latency_p90": deciles[8],
        }
        rows += [{**where, "quantity": name, "unit": "ms", "value": value} for name, value in values.items()]
        memory = peak_in_own_process(contestant, setting)
        rows.append({**where, "quantity": "peak_memory", "unit": "MiB", "value": memory})
    return rows


def _deciles(values: list[float]) -> list[float]:
    """The nine deciles, between the values themselves: of few rounds, extrapolation may reach below zero."""
    return statistics.quantiles(values, n=10, method="inclusive") if len(values) > 1 else values * 9


@torch.no_grad()
def _interleaved(contestants: list[Contestant], setting: Setting) -> dict[tuple[str, str], list[float]]:
    device = choose_device(setting.device)
    image = _image(setting, device)
    models = {(c.method, c.formulation): c.build(setting.scale).to(device) for c in contestants}
    times: dict[tuple[str, str], list[float]] = {key: [] for key in models}
    rounds = range(-setting.warm_up, setting.repeats)
    for number in progress(rounds, desc=f"latency x{setting.scale}", unit="round"):
        for key, model in models.items():
            elapsed = _milliseconds(model, image)
            if number >= 0:
                times[key].append(elapsed)
    return times


def _milliseconds(model: nn.Module, image: torch.Tensor) -> float:
    if image.device.type == "cuda":
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        model(image)
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end)
    start = time.perf_counter()
    model(image)
    return (time.perf_counter() - start) * 1000


def _image(setting: Setting, device: torch.device) -> torch.Tensor:
    width, height = setting.input
    generator = torch.Generator().manual_seed(0)
    return torch.rand(1, 3, height, width, generator=generator).to(device)


def peak_in_own_process(contestant: Contestant, setting: Setting) -> float:
    """`peak_memory` in a fresh process, whose allocator has nothing left over from other work."""
    job = json.dumps([asdict(contestant), asdict(setting)])
    done = subprocess.run([sys.executable, "-m", "hitsr.latency", job], capture_output=True, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["killed, perhaps for want of memory"]
        raise ResultError(f"memory of {contestant.method} ({contestant.formulation}) could not be measured: {last[0]}")
    return float(done.stdout)


@torch.no_grad()
def peak_memory(contestant: Contestant, setting: Setting) -> float:
    """MiB that one forward pass needs beyond weights and input; the highest resident set on a CPU."""
    device = choose_device(setting.device)
    torch.set_num_threads(setting.threads)
    model, image = contestant.build(setting.scale).to(device), _image(setting, device)
    # loads the kernels and builds what is kept between passes, so that only the pass itself is measured
    model(image[:, :, :8, :8])
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        model(image)
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    reset_peak()
    before = resident("VmRSS")
    model(image)
    return (resident("VmHWM") - before) / 1024


def reset_peak() -> None:
    """Start measuring the highest resident set anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def resident(field: str) -> int:
    """KiB of a field of /proc/self/status (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


if __name__ == "__main__":
    who, how = json.loads(sys.argv[1])
    print(peak_memory(Contestant(**who), Setting(**{**how, "input": tuple(how["input"])})))
