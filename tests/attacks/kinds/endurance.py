"""A long training keeps its memory and its files: nothing grows from step to step."""

from collections.abc import Iterator

import psutil
import torch
from arena import Arena, Attack, demand

STEPS, FIRST = 2000, 400
GROWTH = 24 * 2**20
"""Bytes: what the allocator may keep between two moments; a batch of this training takes a tenth of one MiB."""


def training(arena: Arena) -> None:
    """2,000 steps with saved states, against the memory after the first 400."""
    import hitsr
    from hitsr.configuration import defaults
    from hitsr.data.prepare import prepare
    from hitsr.training.replicas import Replicas
    from hitsr.training.task import Task
    from hitsr.training.trainer import Trainer
    from hitsr.training.validation import Validation

    with arena.folder() as folder:
        prepare({"photographs": ["coffee"], "rows": [0, 0.2]}, "train", 2, folder / "data")
        train = {
            **defaults("train"), "iterations": STEPS, "batch_size": 1, "patch_size": 12, "validate_every": 250,
            "checkpoint_every": 100, "log_every": 10, "device": "cpu", "ema": 0.9,
        }  # fmt: skip
        task = Task(
            method="SwinIR-Light", network="SwinIR-Light", options={"dim": 16, "depths": [1], "heads": 2}, scale=2,
            seed=0, train=train, training_set=folder / "data", validation_set=None, folder=folder / "run",
            digests={"config_digest": "", "source_digest": ""},
        )  # fmt: skip
        model = hitsr.build("SwinIR-Light", 2, dim=16, depths=[1], heads=2)
        trainer = Trainer(task, model, Replicas(0, 1, torch.device("cpu")), Validation(folder / "data", 2))
        process, step, memory = psutil.Process(), trainer.step, {}

        def watched(*batch: torch.Tensor) -> bool:
            if trainer.iteration in (FIRST, STEPS - 1):
                memory[trainer.iteration] = process.memory_info().rss, process.num_fds(), process.num_threads()
            return step(*batch)

        trainer.step = watched
        trainer.fit()
        (before, *held), (after, *holds) = memory[FIRST], memory[STEPS - 1]
        demand(after - before < GROWTH, f"memory grew by {(after - before) / 2**20:.0f} MiB")
        demand(holds == held, f"files and threads grew from {held} to {holds}")
        files = sorted(path.name for path in (folder / "run").iterdir())
        demand(files == ["state.pt"], f"left {files}")


def attacks() -> Iterator[Attack]:
    yield Attack("endurance", f"{STEPS:,} steps of a training", training, long=True)
