"""Train one network from start, or from a saved state, to its weights and history."""

import hashlib
import os
from collections.abc import Mapping

import torch

from hitsr.checkpoints.file import save
from hitsr.data.packed import open_packed
from hitsr.data.prepared import open_prepared
from hitsr.networks.registry import build
from hitsr.optimized.allocator import keep_pages
from hitsr.optimized.checkpointing import checkpoint_activations
from hitsr.precision import computing_in
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import write_record
from hitsr.training.replicas import joined
from hitsr.training.start import transfer
from hitsr.training.task import Task
from hitsr.training.trainer import Trainer, Validate


def run(task: Task, validate: Validate | None = None, watched: Mapping[str, Validate] | None = None) -> None:
    """Train and write `weights.safetensors` (of the last iteration) and `history.json` into `task.folder`.

    `state.pt` beside them holds the last saved state while the training runs; a later call goes on from it. At the end
    it becomes `finished.pt`, from which a later call with more iterations goes on where the schedule allows it.

    Args:
        validate: gives the mean PSNR of the network in training, for its history.
        watched: the same of test sets by name: recorded, and nothing is chosen by it.

    Raises:
        ConfigError: the batch cannot be divided among the processes, or they would give another result than one.
        TrainingError: no patch fits, the loss is not finite, or the training was told to stop.
        CheckpointError: `task.start` holds another network, or the saved state belongs to other settings.
    """
    watch = Stopwatch()
    keep_pages()
    torch.set_num_threads(task.train["threads"])
    with joined(task.train) as replicas, computing_in("float32", replicas.device):
        if replicas.device.type == "cuda":
            _be_deterministic()
        torch.manual_seed(task.seed)
        model = build(task.network, task.scale, **task.options)
        if task.train["activation_checkpointing"]:
            checkpoint_activations(model)
        if task.start is not None:
            transfer(model, task.start)
        if replicas.first:
            # packed now if need be: the others then find it
            for part in (f"x{task.scale}", "HR"):
                open_packed(task.training_set, task.scale, part)
        replicas.wait()
        trainer = Trainer(task, model.to(replicas.device), replicas, validate, watched)
        trainer.resume()
        trainer.fit()
        if replicas.first:
            _write(task, trainer, watch)


def _write(task: Task, trainer: Trainer, watch: Stopwatch) -> None:
    # saved before anything else: an interruption from here on repeats no iteration; and nothing that is not finite
    trainer.save_state()
    trained_on = open_prepared(task.training_set, task.scale).summary
    record = {"method": task.method, "seed": task.seed, "iterations": task.train["iterations"], "train": task.train}
    record |= {"trained_on": trained_on, "started_from": task.start is not None}
    save(trainer.result, task.weights_path, record)
    history = {
        "kind": "training",
        "method": task.method,
        "scale": task.scale,
        "seed": task.seed,
        "weights_sha256": hashlib.sha256(task.weights_path.read_bytes()).hexdigest(),
        "trained_on": trained_on,
        "rows": trainer.rows,
        "provenance": watch.provenance(**task.digests, seed=task.seed, device=str(trainer.replicas.device)),
    }
    write_record(task.folder / "history.json", history)
    task.state_path.replace(task.finished_path)


def _be_deterministic() -> None:
    """The same bits from the same device: kernels that add in a fixed order, where there are any (CUDA)."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=True)
    # it would fill every new tensor with NaN first, to show who reads what nobody wrote (mypy does not see it)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
