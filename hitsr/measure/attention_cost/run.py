"""Count, time and weigh attention and correlation against the size of the window (HiT-SR, Section 3.3).

Projections and feature extraction, which cost the same whatever the window, are left out.
"""

import multiprocessing
import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from hitsr.configuration.steps import AttentionSettings
from hitsr.devices import choose_device
from hitsr.errors import ResultError
from hitsr.measure.attention_cost.operators import (
    BASE_WINDOW,
    IMPLEMENTATIONS,
    OPERATORS,
    Implementation,
    Operator,
    build,
)
from hitsr.measure.memory import peak_of
from hitsr.measure.time.timer import milliseconds
from hitsr.measure.time.worker import end_with
from hitsr.progress import progress
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import write_record


@dataclass(frozen=True)
class Setting:
    """Under what conditions: channels, heads, side of the square map, rounds, CPU threads, device."""

    dim: int
    heads: int
    map: int
    warm_up: int
    repeats: int
    threads: int
    device: str


COMPUTED = {"backend": "eager", "precision": "float32"}
"""How operators are timed and weighed."""


def run(step: AttentionSettings, output: Path) -> None:
    """Measure every operator at every window and write one measurement file."""
    watch = Stopwatch()
    rows, rounds = measure(list(step.windows), Setting(**step.model_dump(exclude={"windows"})))
    provenance = watch.provenance(**step.origin, device=str(choose_device(step.device)))
    identity = {"kind": "attention_cost", "method": None, "scale": None, "seed": None}
    write_record(output, {**identity, "rows": rows, "rounds": rounds, "provenance": provenance})


def measure(windows: list[int], setting: Setting) -> tuple[list[dict], list[dict]]:
    """Count, time and weigh every operator at every window, on one map of `setting.map` pixels a side.

    Returns:
        Rows of the long table; `method` is the operator, `input` its window. `operator_formula` and `operator_macs`
        (MACs by the closed form and by fvcore), `operator_latency` (ms, median) and `operator_memory` (MiB above what
        was in use) are per window: those of the map divided by its windows. And of each the milliseconds of every
        round, of the whole map.
    """
    from hitsr.measure.count.counters import by_fvcore  # not needed by the processes that measure memory

    torch.set_num_threads(setting.threads)
    jobs = [(name, window, form) for window in windows for name in OPERATORS for form in IMPLEMENTATIONS]
    times, memory = _interleaved(jobs, setting), peaks(jobs, setting)
    rows, rounds = [], []
    for name, window, form in jobs:
        where = {"method": name, "input": f"{window}x{window}", "implementation": form}
        rounds.append({**where, "milliseconds": times[name, window, form]})
        count = (setting.map // window) ** 2
        values = {
            "operator_latency": ("ms", statistics.median(times[name, window, form]) / count, COMPUTED),
            "operator_memory": ("MiB", memory[name, window, form] / count, COMPUTED),
        }
        if form == "reference":
            operator = build(name, setting.dim, setting.heads, window, form)
            with torch.no_grad():
                counted, _ = by_fvcore(operator, _features(operator, setting, torch.device("cpu")))
            values["operator_macs"] = ("MACs", counted.macs / count, {})
            values["operator_formula"] = ("MACs", operator.macs(window**2, setting.dim), {})
        rows += [
            {**where, **how, "quantity": key, "unit": unit, "value": value}
            for key, (unit, value, how) in values.items()
        ]
    return rows, rounds


@torch.no_grad()
def _interleaved(jobs: list[tuple[str, int, Implementation]], setting: Setting) -> dict[tuple, list[float]]:
    """Milliseconds of each round; in each round every operator runs once, in turn."""
    device = choose_device(setting.device)
    operators = {(name, w, form): build(name, setting.dim, setting.heads, w, form).to(device) for name, w, form in jobs}
    inputs = {key: _features(operator, setting, device) for key, operator in operators.items()}
    times: dict[tuple, list[float]] = {key: [] for key in operators}
    for number in progress(range(-setting.warm_up, setting.repeats), desc="attention, time", unit="round"):
        for key, operator in operators.items():
            elapsed = milliseconds(partial(operator, inputs[key]), device)
            if number >= 0:
                times[key].append(elapsed)
    return times


def _features(operator: Operator, setting: Setting, device: torch.device) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(1, setting.map, setting.map, operator.channels, generator=generator).to(device)


def peaks(jobs: list[tuple[str, int, Implementation]], setting: Setting) -> dict[tuple, float]:
    """`peak_memory` of each job in a process of its own, whose allocator has nothing left over from other work."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["hitsr.measure.attention_cost.run"])
    found = {}
    with ProcessPoolExecutor(1, context, max_tasks_per_child=1, initializer=_end_together) as pool:
        for name, window, form in progress(jobs, desc="attention, memory", unit="operator"):
            try:
                found[name, window, form] = pool.submit(peak_memory, name, window, form, setting).result()
            except BrokenProcessPool as error:
                raise ResultError(
                    f"memory of {name} with {window}x{window} windows could not be measured: the process was killed, "
                    "perhaps for want of memory; leave out the largest of attention_cost.windows"
                ) from error
    return found


def _end_together() -> None:
    """In a process that measures memory: end when the processes do that started it."""
    end_with(os.getppid())


@torch.no_grad()
def peak_memory(name: str, window: int, implementation: Implementation, setting: Setting) -> float:
    """MiB that one pass needs beyond weights and features; the highest resident set on a CPU."""
    device = choose_device(setting.device)
    torch.set_num_threads(setting.threads)
    operator = build(name, setting.dim, setting.heads, window, implementation).to(device)
    x = _features(operator, setting, device)
    # loads the kernels and builds what is kept between passes, so that only the pass itself is measured
    small = build(name, setting.dim, setting.heads, BASE_WINDOW, implementation).to(device)
    small(x[:, :BASE_WINDOW, :BASE_WINDOW])
    operator.keep()
    return peak_of(lambda: operator(x), device)
