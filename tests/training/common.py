"""A small training that the tests of this folder share."""

import sys
from pathlib import Path

import torch
import yaml

import hitsr
from hitsr.checkpoints.loading import load
from hitsr.configuration import defaults
from hitsr.results.records import read_record
from hitsr.training.replicas import Replicas
from hitsr.training.run import run
from hitsr.training.state import load_state
from hitsr.training.task import Task
from hitsr.training.trainer import Trainer
from hitsr.training.validation import Validation

ALONE = Replicas(0, 1, torch.device("cpu"))
OPTIONS = {"dim": 16, "depths": [2], "heads": 2, "drop_path": 0.3}
"""Drop path draws random numbers in every step: they must not depend on interruptions."""
TRAIN = {
    **defaults("train"), "iterations": 60, "batch_size": 2, "patch_size": 16, "learning_rate": 1e-3,
    "validate_every": 30, "log_every": 10, "checkpoint_every": 15, "device": "cpu",
}  # fmt: skip


def task(data: Path, folder: Path, train: dict | None = None, **changes) -> Task:
    settings = {
        "method": "SwinIR-Light", "network": "SwinIR-Light", "options": OPTIONS, "scale": 2, "seed": 0,
        "train": {**TRAIN, **(train or {})}, "training_set": data / "train", "validation_set": data / "validation",
        "folder": folder, "digests": {"config_digest": "a", "source_digest": "b"},
    }  # fmt: skip
    return Task(**{**settings, **changes})


def validation(task: Task) -> Validation | None:
    return task.validation_set and Validation(task.validation_set, task.scale)


def trained(task: Task) -> None:
    """The training as the verb does it."""
    run(task, validation(task))


def trainer(task: Task) -> Trainer:
    # as the verb does: results depend on it in the last bits
    torch.set_num_threads(task.train["threads"])
    torch.manual_seed(task.seed)
    return Trainer(task, hitsr.build(task.network, task.scale, **task.options), ALONE, validation(task))


def load_saved(folder: Path, name: str = "state.pt") -> dict:
    return load_state(folder / name)


def rows(folder: Path, quantity: str) -> list[float]:
    history = read_record(folder / "history.json")
    return [row["value"] for row in history["rows"] if row["quantity"] == quantity]


def advance(trainer: Trainer, iteration: int) -> None:
    """Train up to an iteration."""
    while trainer.iteration < iteration:
        trainer.step(*trainer.sampler.batch(trainer.iteration))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load(folder / "weights.safetensors").state_dict()


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(first[key], second[key]) for key in first)


def command(folder: Path, data: Path, name: str, launcher: list[str] | None = None, **train) -> list[str]:
    """A training as a user runs it, into `folder/name`."""
    config = {
        "methods": {"SwinIR-Light": {"options": OPTIONS}},
        "datasets": {"train": {"photographs": ["coffee"]}, "validation": {"photographs": ["coffee"]}},
        "training_set": "train",
        "validation_set": "validation",
        "train": {**TRAIN, **train},
        "report": {"tables": [], "figures": ["training"]},
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(config))
    verb = [*(launcher or [sys.executable]), "-m", "hitsr", "train", "--method", "SwinIR-Light", "--scale", "2"]
    return [*verb, "--data", str(data), "--folder", str(folder / name), "--config", str(path)]
