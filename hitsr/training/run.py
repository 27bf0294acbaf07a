"""Train one network from start, or from a saved state, to its weights and history."""

import os

import torch

from hitsr.atomic import write_json
from hitsr.data.packed import open_packed
from hitsr.networks.checkpoints import save
from hitsr.networks.registry import build
from hitsr.results.provenance import Stopwatch
from hitsr.training.replicas import joined
from hitsr.training.start import transfer
from hitsr.training.task import Task
from hitsr.training.trainer import Trainer


def run(task: Task) -> None:
    """Train and write `weights.safetensors` (of the last iteration) and `history.json` into `task.folder`.

    `state.pt` beside them holds the last saved state while the training runs; a later call goes on from it.

    Raises:
        TrainingError: no patch fits, the loss is not finite, or the training was told to stop.
        CheckpointError: `task.start` holds another network, or the saved state belongs to other settings.
    """
    watch = Stopwatch()
    torch.set_num_threads(task.train["threads"])
    with joined(task.train) as replicas:
        if replicas.device.type == "cuda":
            _be_deterministic()
        torch.manual_seed(task.seed)
        model = build(task.network, task.scale, **task.options)
        if task.start is not None:
            transfer(model, task.start)
        if replicas.first:
            # packed now if need be: the others then find it
            for part in (f"x{task.scale}", "HR"):
                open_packed(task.training_set, task.scale, part)
        replicas.wait()
        trainer = Trainer(task, model.to(replicas.device), replicas)
        trainer.resume()
        trainer.fit()
        if replicas.first:
            _write(task, trainer, watch)


def _write(task: Task, trainer: Trainer, watch: Stopwatch) -> None:
    record = {"method": task.method, "seed": task.seed, "iterations": task.train["iterations"], "train": task.train}
    save(trainer.result, task.folder / "weights.safetensors", record)
    provenance = watch.provenance(**task.digests, seed=task.seed, device=str(trainer.replicas.device))
    history = {"kind": "training", "method": task.method, "scale": task.scale, "seed": task.seed}
    write_json(task.folder / "history.json", {**history, "rows": trainer.rows, "provenance": provenance})
    task.state_path.unlink(missing_ok=True)


def _be_deterministic() -> None:
    """The same bits from the same device: kernels that add in a fixed order, where there are any (CUDA)."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=True)
