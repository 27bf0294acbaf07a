"""What a run takes before it starts: trainings, iterations, hours, jobs, disk and memory, per method and in total."""

import json
import shlex
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

from hitsr.networks.registry import build
from hitsr.planning import disk, jobs
from hitsr.planning.decidable import Decidable, decidable
from hitsr.planning.schedule import Task, wall_seconds
from hitsr.planning.steps import Step
from hitsr.planning.workload import Training, Work, trainings
from hitsr.results.environment import hardware

HOUR = 3600


@dataclass
class Row:
    """One trained method.

    Attributes:
        trainings, to_do: of all scales and seeds, and those that are not done.
        iterations: of the trainings to do, all together.
        step_seconds: of a whole batch on one device.
        hours: of one device, for the trainings to do.
        memory_mib: of a step, beyond the program; None if it is not known.
    """

    method: str
    trainings: int
    to_do: int
    iterations: int
    batch_size: int
    patch_size: int
    step_seconds: float
    hours: float
    memory_mib: float | None
    parameters: int
    device: str
    gpu: bool


@dataclass
class Plan:
    """A whole run; `jobs` by rule, `wall_hours` of the trainings on `devices` devices."""

    run: str
    config: str
    command: str
    devices: int
    rows: list[Row]
    jobs: dict[str, int]
    disk: list[disk.Item]
    wall_hours: float
    claims: list[Decidable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def hours(self) -> float:
        """Of one device."""
        return sum(row.hours for row in self.rows)

    @property
    def unit(self) -> str:
        """What hours are of: GPU or CPU."""
        return "GPU" if all(row.gpu for row in self.rows) else "CPU"

    @property
    def total_bytes(self) -> float:
        """Of everything whose size is known."""
        return sum(item.bytes for item in self.disk if item.bytes)

    def as_json(self) -> dict:
        """The plan and its totals."""
        totals = {
            "trainings": sum(row.trainings for row in self.rows),
            "to_do": sum(row.to_do for row in self.rows),
            "iterations": sum(row.iterations for row in self.rows),
            "hours": self.hours,
            "wall_hours": self.wall_hours,
            "jobs": sum(self.jobs.values()),
            "disk_bytes": self.total_bytes,
        }
        return {"kind": "plan", **asdict(self), "totals": totals}


def make(
    config: dict, path: Path, devices: int, steps_of: Callable[[list[Training]], dict[str, Step]], given: bool = False
) -> Plan:
    """Plan a run.

    Args:
        config: complete configuration.
        path: its file.
        devices: GPUs (or cores of a CPU) that trainings can have.
        steps_of: gives the step of each trained method.
        given: whether it was given instead of measured here.

    Raises:
        PlanError: Snakemake cannot plan the run.
        ResultError: a step could not be measured.
    """
    planned = jobs.dry_run(path)
    wanted = trainings(config)
    steps = steps_of(wanted)
    parameters = {work: _parameters(work, config["scales"][0]) for work in {training.work for training in wanted}}
    by_method: dict[str, list[Training]] = {}
    for training in wanted:
        by_method.setdefault(training.method, []).append(training)
    rows = [_row(m, own, planned.trainings, steps[m], parameters[own[0].work]) for m, own in by_method.items()]
    tasks = [
        Task(t.key, t.iterations * steps[t.method].seconds / t.processes, t.processes, t.after)
        for t in wanted
        if t.key in planned.trainings
    ]
    counts = {training.method: parameters[training.work] for training in wanted}
    return Plan(
        run=config["run"],
        config=str(path),
        command=shlex.join(_command(path, devices, rows, wanted)),
        devices=devices,
        rows=rows,
        jobs=planned.counts,
        disk=disk.items(config, wanted, counts),
        wall_hours=wall_seconds(tasks, devices) / HOUR,
        claims=decidable(config),
        notes=_notes(rows, steps, wanted, given),
    )


def _command(path: Path, devices: int, rows: list[Row], wanted: list[Training]) -> list[str]:
    """With enough cores for every device to have a training."""
    cores = devices * max((training.work.threads for training in wanted), default=1)
    return jobs.command(path, cores, devices if rows and rows[0].gpu else 0)


def _row(method: str, own: list[Training], to_do: set, step: Step, parameters: int) -> Row:
    left = [training for training in own if training.key in to_do]
    iterations = sum(training.iterations for training in left)
    work = own[0].work
    return Row(
        method,
        len(own),
        len(left),
        iterations,
        work.batch_size,
        work.patch_size,
        step.seconds,
        iterations * step.seconds / HOUR,
        step.memory,
        parameters,
        step.device,
        step.gpu,
    )


def _parameters(work: Work, scale: int) -> int:
    return sum(p.numel() for p in build(work.network, scale, **json.loads(work.options)).parameters())


def _notes(rows: list[Row], steps: dict[str, Step], wanted: list[Training], given: bool) -> list[str]:
    if not rows:
        return ["Nothing is trained in this run."]
    devices = list(dict.fromkeys(row.device for row in rows))
    notes = [f"Step times: {'given' if given else 'measured'}, of {'; '.join(devices)}."]
    parts = {
        (step.patches, training.work.batch_size) for training in wanted if (step := steps[training.method]).patches
    }
    for patches, batch in sorted(parts):
        if patches < batch:
            notes.append(f"Measured on {patches} of {batch} patches and scaled linearly, time and memory.")
    busy = [step.busy for step in steps.values() if step.busy]
    if busy:
        notes.append(
            f"Other work ran while steps were timed (load average up to {max(busy):.1f}): the hours are too long, and "
            "--again on a quiet machine tells better."
        )
    largest = max((row.memory_mib or 0 for row in rows), default=0) / 1024
    available = cast(float, hardware()["memory_gib"])
    if largest > available and not rows[0].gpu:
        notes.append(f"A step takes up to {largest:,.1f} GiB; this machine has {available} GiB.")
    if any(training.scale != wanted[0].scale for training in wanted):
        notes.append(f"All scales are taken to be as fast as x{wanted[0].scale}: only their last convolution differs.")
    if any(training.processes > 1 for training in wanted):
        notes.append("Devices that share a batch are taken to be as much faster as they are more.")
    notes.append(
        "Hours are of the optimiser's steps alone: validation, super-resolving, timing and attribution come on top. "
        "A training that was begun counts whole."
    )
    return notes
