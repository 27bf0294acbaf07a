"""The time and memory of a training step, measured on this machine and remembered.

A step is forward, backward and Adam on a batch of random patches, in a process of its own
(`hitsr.measure.time.process`). On a CPU, where a whole batch may take minutes or more memory than there is, two patches
are measured and scaled linearly.
"""

import json
import os
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hitsr.atomic import write_json
from hitsr.errors import ResultError
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.process import worker
from hitsr.networks.registry import network_module
from hitsr.planning.workload import Work
from hitsr.progress import progress
from hitsr.results.environment import hardware
from hitsr.results.fingerprints import source_digest
from hitsr.results.provenance import Stopwatch, digest
from hitsr.results.records import read_json

CACHE = Path("results/step_times.json")
"""Measured steps by digest of what was measured, of the source, and of the machine."""
PATCHES = 2
"""Patches that are measured on a CPU."""
ENOUGH = 1.0
"""Seconds of timed steps after which their median is taken; five steps at most."""
OTHERS = 0.5
"""Load average beyond our own threads from which the machine counts as busy."""


@dataclass(frozen=True)
class Step:
    """One step of a whole batch.

    Attributes:
        seconds: of the batch on one device.
        memory: MiB beyond weights and optimiser; None if it is not known.
        device: where.
        gpu: whether that is a GPU.
        patches: how many of the batch were measured; 0 if the time was given.
        busy: load average of other work meanwhile, if it was enough to disturb.
    """

    seconds: float
    memory: float | None
    device: str
    gpu: bool
    patches: int
    busy: float | None = None


def steps(works: Iterable[Work], scale: int, again: bool = False, cache: Path = CACHE) -> dict[Work, Step]:
    """The step of each work, measured at `scale` unless it was before; every new one is remembered at once.

    Args:
        again: measure even what is remembered.

    Raises:
        ResultError: a step could not be measured, naming its network.
    """
    import torch  # noqa: F401 - lets `hardware` see the GPU

    known = _remembered(cache)
    keys = {work: _key(work, scale) for work in works}
    new = [work for work, key in keys.items() if again or key not in known]
    # before the first step: what runs then is not ours
    busy = os.getloadavg()[0]
    for work in progress(new, desc="step times", unit="network") if new else []:
        watch = Stopwatch()
        step = replace(_measure(work, scale), busy=busy if busy > OTHERS else None)
        busy = os.getloadavg()[0] - work.threads
        origin = watch.provenance(config_digest=digest(asdict(work)), source_digest=_source(work), threads=work.threads)
        # another plan may have added to the file meanwhile
        known = {**_remembered(cache), keys[work]: {**asdict(step), "work": asdict(work), "provenance": origin}}
        write_json(cache, {"kind": "steps", "steps": known})
    fields = Step.__dataclass_fields__
    return {work: Step(**{name: known[key][name] for name in fields}) for work, key in keys.items()}


def _remembered(cache: Path) -> dict[str, dict]:
    """What the cache holds; an unreadable one is measured again."""
    try:
        return read_json(cache)["steps"]
    except (ResultError, KeyError):
        return {}


def _key(work: Work, scale: int) -> str:
    import torch

    machine = {key: value for key, value in hardware().items() if key in ("cpu", "gpu")}
    return digest([asdict(work), scale, _source(work), machine, torch.__version__])


def _source(work: Work) -> str:
    return source_digest("hitsr.measure.time.worker", network_module(work.network))


def _measure(work: Work, scale: int) -> Step:
    from hitsr.devices import choose_device

    on_gpu = choose_device(work.device).type == "cuda"
    patches = work.batch_size if on_gpu else min(PATCHES, work.batch_size)
    while True:
        try:
            seconds, memory = _ask(work, scale, patches)
            break
        except ResultError:
            # the whole batch does not fit this GPU
            if not on_gpu or patches == 1:
                raise
            patches //= 2
    share = work.batch_size / patches
    device = (
        str(hardware()["gpu"]) if on_gpu else f"{hardware()['cpu']}, {work.threads} thread{'s' * (work.threads > 1)}"
    )
    return Step(seconds * share, None if memory is None else memory * share, device, on_gpu, patches)


def _ask(work: Work, scale: int, patches: int) -> tuple[float, float | None]:
    """Median seconds and peak memory (MiB, None if not known) of a step; the pass that measures the memory warms up."""
    setting = Setting(scale, 0, 1, work.threads, work.device, task="training", batch=patches)
    options = json.loads(work.options)
    checkpointing = work.activation_checkpointing
    contestant = Contestant(work.network, work.network, options, activation_checkpointing=checkpointing)
    size = (work.patch_size, work.patch_size)
    with worker(contestant, setting) as process:
        memory = process.memory(size).peak
        taken: list[float] = []
        while len(taken) < 5 and sum(taken) < ENOUGH:
            taken.append(process.time(size) / 1000)
    return statistics.median(taken), memory
