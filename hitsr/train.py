"""Train a network: Adam, L1, resumable at any iteration with the same result (HiT-SR, Section 4.1).

Everything random derives from the seed and the number of the iteration, so a training that was killed and
goes on gives the same weights as one that was not.
"""

import io
import math
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from hitsr.atomic import write_bytes, write_json
from hitsr.catalogue import build
from hitsr.checkpoints import load, save
from hitsr.data.images import read_rgb
from hitsr.data.layout import hr_path, image_names, lr_path
from hitsr.data.patches import PatchSampler
from hitsr.devices import choose_device
from hitsr.errors import CheckpointError, TrainingError
from hitsr.inference import upscale
from hitsr.progress import progress
from hitsr.provenance import Stopwatch
from hitsr.quality import score


@dataclass
class Task:
    """What is trained, on what, and where the result goes.

    Attributes:
        train: the keys of `train` in the configuration.
        start: x2 weights of the same method to start x3 and x4 from, or None.
        digests: of the configuration and the source; a saved state of others is not continued.
    """

    method: str
    network: str
    options: dict
    scale: int
    seed: int
    train: dict
    training_set: Path
    validation_set: Path | None
    folder: Path
    start: Path | None = None
    digests: dict[str, str] = field(default_factory=dict)


def run(task: Task) -> None:
    """Train and write `weights.safetensors` and `history.json` into `task.folder`.

    `state.pt` beside them holds the last saved state while the training runs; a later call goes on from it.

    Raises:
        TrainingError: no patch fits, or the loss is not finite.
        CheckpointError: `task.start` holds another network.
    """
    watch = Stopwatch()
    device = choose_device(task.train["device"])
    torch.set_num_threads(task.train["threads"])
    torch.manual_seed(task.seed)
    model = build(task.network, task.scale, **task.options)
    if task.start is not None:
        transfer(model, task.start)
    trainer = Trainer(task, model.to(device), device)
    trainer.resume()
    trainer.fit()
    record = {"method": task.method, "seed": task.seed, "iterations": task.train["iterations"], "train": task.train}
    save(model, task.folder / "weights.safetensors", record)
    provenance = watch.provenance(**task.digests, seed=task.seed, device=str(device))
    history = {"kind": "training", "method": task.method, "scale": task.scale, "seed": task.seed}
    write_json(task.folder / "history.json", {**history, "rows": trainer.rows, "provenance": provenance})
    trainer.state_path.unlink(missing_ok=True)


class Trainer:
    """One training: model, optimiser, history, and the state they are saved in."""

    def __init__(self, task: Task, model: nn.Module, device: torch.device):
        self.task, self.model, self.device = task, model, device
        settings = task.train
        self.optimizer = torch.optim.Adam(
            model.parameters(), lr=settings["learning_rate"], betas=tuple(settings["betas"])
        )
        self.sampler = PatchSampler(
            task.training_set, task.scale, settings["patch_size"], settings["batch_size"], task.seed
        )
        self.validation = _pairs(task.validation_set, task.scale) if task.validation_set else []
        self.iteration = 0
        self.losses: list[float] = []
        self.last_loss = math.nan
        self.seconds = 0.0
        self.rows: list[dict] = []
        self.state_path = task.folder / "state.pt"

    def fit(self) -> None:
        """Train from the current iteration to the last."""
        settings, total = self.task.train, self.task.train["iterations"]
        title = f"{self.task.method} x{self.task.scale} seed {self.task.seed}"
        with progress(total=total, initial=self.iteration, desc=title, unit="it") as bar:
            while self.iteration < total:
                self.step()
                bar.update()
                if self.iteration % settings["validate_every"] == 0 or self.iteration == total:
                    self.validate()
                    bar.set_postfix(loss=f"{self.last_loss:.4f}")
                if self.iteration % settings["checkpoint_every"] == 0 and self.iteration < total:
                    self.save_state()

    def step(self) -> None:
        """One optimiser step."""
        start = time.perf_counter()
        settings = self.task.train
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(settings, self.iteration)
        # drop path draws from torch's generator: seeded per iteration, so that it does not depend on interruptions
        torch.manual_seed((self.task.seed * 1_000_003 + self.iteration) % 2**63)
        low, high = (batch.to(self.device) for batch in self.sampler.batch(self.iteration))
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        image_range = self.model.image_range
        loss = F.l1_loss(self.model(low * image_range), high * image_range)
        loss.backward()
        value = loss.item() / image_range
        if not math.isfinite(value):
            raise TrainingError(
                f"{self.task.method}: the loss is {value} at iteration {self.iteration}; lower train.learning_rate "
                f"(now {settings['learning_rate']}); the last saved state is kept"
            )
        self.optimizer.step()
        self.iteration += 1
        self.losses.append(value)
        self.last_loss = value
        self.seconds += time.perf_counter() - start
        if self.iteration % settings["log_every"] == 0:
            self.log("loss", "L1 in [0, 1]", sum(self.losses) / len(self.losses))
            self.losses.clear()

    def validate(self) -> None:
        """Mean PSNR (Y, dB) on the validation images, and the time that the steps up to here took (s)."""
        if self.validation:
            values = [score(upscale(self.model, low), high, self.task.scale).psnr for low, high in self.validation]
            self.log("validation_psnr", "dB", sum(values) / len(values))
        self.log("training_time", "s", self.seconds)

    def log(self, quantity: str, unit: str, value: float) -> None:
        self.rows.append({"iteration": self.iteration, "quantity": quantity, "unit": unit, "value": value})

    def save_state(self) -> None:
        """Write everything needed to go on from here, atomically."""
        state = {
            "digests": self.task.digests,
            "iteration": self.iteration,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "losses": self.losses,
            "seconds": self.seconds,
            "rows": self.rows,
        }
        buffer = io.BytesIO()
        torch.save(state, buffer)
        write_bytes(self.state_path, buffer.getvalue())

    def resume(self) -> None:
        """Go on from a saved state of the same configuration and source; set any other aside."""
        if not self.state_path.exists():
            return
        try:
            state = torch.load(self.state_path, map_location=self.device, weights_only=True)
            if state["digests"] != self.task.digests:
                raise CheckpointError("it belongs to another configuration or source")
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
        except Exception as error:  # a state is only a shortcut: whatever is wrong with it, start again
            aside = self.state_path.with_name("state-unused.pt")
            self.state_path.replace(aside)
            print(
                f"{self.state_path}: not continued ({error}); kept as {aside.name}, training starts anew",
                file=sys.stderr,
            )
            return
        self.iteration, self.seconds = state["iteration"], state["seconds"]
        self.losses, self.rows = state["losses"], state["rows"]
        print(f"{self.task.method} x{self.task.scale}: goes on from iteration {self.iteration}", file=sys.stderr)


def learning_rate(train: dict, iteration: int) -> float:
    """Learning rate of step `iteration` (from 0): linear warm-up, then `gamma` at each milestone passed."""
    passed = sum(iteration >= round(milestone * train["iterations"]) for milestone in train["milestones"])
    warm = min(1.0, (iteration + 1) / train["warm_up"]) if train["warm_up"] else 1.0
    return train["learning_rate"] * train["gamma"] ** passed * warm


def transfer(model: nn.Module, path: Path) -> None:
    """Start from the weights of the same network at another scale, the upsampler excepted.

    Raises:
        CheckpointError: the file holds another network, or tensors of other shapes.
    """
    source = load(path)
    own = model.state_dict()
    weights = {name: tensor for name, tensor in source.state_dict().items() if not name.startswith("upsample.")}
    wrong = [name for name, tensor in weights.items() if name not in own or own[name].shape != tensor.shape]
    if source.name != model.name or wrong:
        raise CheckpointError(f"{path}: holds {source.name} x{source.scale}, which {model.name} cannot start from")
    model.load_state_dict({**own, **weights})


def _pairs(folder: Path, scale: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return [
        (read_rgb(lr_path(folder, scale, name)), read_rgb(hr_path(folder, name))) for name in image_names(folder, scale)
    ]
