"""The loop: Adam on the loss, with history, validation and saved states (HiT-SR, Section 4.1).

Everything random derives from the seed and the number of the iteration, so a training that was killed and
goes on gives the same weights as one that was not.
"""

import math
import sys
import time
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from hitsr.checkpoints.soundness import not_finite
from hitsr.data.patches import Ahead, PatchSampler
from hitsr.errors import TrainingError
from hitsr.networks.identity import identity
from hitsr.precision import computing_in
from hitsr.progress import progress
from hitsr.training.division import share
from hitsr.training.interruption import Interruption
from hitsr.training.loss import LOSSES, in_unit_range, loss
from hitsr.training.replicas import Replicas
from hitsr.training.resuming import find_state
from hitsr.training.schedule import learning_rate
from hitsr.training.state import save_state
from hitsr.training.task import Task

Validate = Callable[[nn.Module], float]
"""Takes the network, gives its mean PSNR in dB, and leaves the network as it was."""


class Trainer:
    """One training: model, optimiser, history, and the state they are saved in.

    Args:
        model: on the device of `replicas`.
        validate: called every `validate_every` iterations and at the end, by the first process.
        watched: called then too, by name of the test set.

    Raises:
        ConfigError: several processes would give the network another result than one.
        TrainingError: an image is smaller than the patch.
    """

    def __init__(
        self,
        task: Task,
        model: nn.Module,
        replicas: Replicas,
        validate: Validate | None = None,
        watched: Mapping[str, Validate] | None = None,
    ):
        self.task, self.model, self.replicas = task, model, replicas
        self.validation = validate if replicas.first else None
        self.watched = dict(watched or {}) if replicas.first else {}
        self.identity = task.identity()
        settings = task.train
        share(model, task.network, replicas, settings["patch_size"], identity(model).image_range)
        self.replica = replicas.replicate(model)
        self.average = _moving_average(model, settings["ema"])
        self.optimizer = torch.optim.Adam(
            model.parameters(), lr=settings["learning_rate"], betas=tuple(settings["betas"])
        )
        self.sampler = PatchSampler(
            task.training_set, task.scale, settings["patch_size"], settings["batch_size"], task.seed,
            (replicas.number, replicas.count), replicas.device if settings["data_on_device"] else None,
        )  # fmt: skip
        self.interruption = Interruption()
        self.iteration = 0
        self.losses: list[float] = []
        self.last_loss = math.nan
        self.seconds = 0.0
        self.rows: list[dict] = []

    @property
    def result(self) -> nn.Module:
        """The network that is validated and kept: the moving average of the weights if there is one."""
        return self.model if self.average is None else self.average.module

    def fit(self) -> None:
        """Train from the current iteration to the last.

        Raises:
            TrainingError: the loss or its gradient is not finite; or SIGTERM or Ctrl-C came, the state is saved.
        """
        settings, total = self.task.train, self.task.train["iterations"]
        if self.replicas.first and self.sampler.images < settings["batch_size"]:
            print(
                f"{self.task.training_set.name}: {self.sampler.images} images for batches of "
                f"{settings['batch_size']}: a batch holds several patches of one image",
                file=sys.stderr,
            )
        on_gpu = self.replicas.device.type == "cuda"
        ahead = Ahead(self.sampler, pin=on_gpu and not settings["data_on_device"])
        bar = progress(
            total=total, initial=self.iteration, desc=self.task.title, unit="it", disable=not self.replicas.first
        )
        try:
            with self.interruption, bar:
                while self.iteration < total:
                    stop = self.step(*ahead.batch(self.iteration))
                    if stop and self.iteration < total:
                        self._stop()
                    bar.update()
                    if self.iteration % settings["validate_every"] == 0 or self.iteration == total:
                        self.validate()
                        bar.set_postfix(loss=f"{self.last_loss:.4f}")
                    if self.iteration % settings["checkpoint_every"] == 0 and self.iteration < total:
                        self.save_state()
        finally:
            ahead.close()

    def step(self, low: Tensor, high: Tensor) -> bool:
        """One optimiser step.

        Args:
            low, high: this process' part of the batch, uint8 `(B, P, P, 3)` and `(B, s P, s P, 3)`.

        Returns:
            Whether any process has been told to stop.
        """
        start = time.perf_counter()
        settings = self.task.train
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(settings, self.iteration)
        # drop path draws from torch's generator: seeded per iteration, so that it does not depend on interruptions
        torch.manual_seed((self.task.seed * 1_000_003 + self.iteration) % 2**63)
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        name, scale = settings["loss"], identity(self.model).image_range
        with computing_in(settings["precision"], self.replicas.device):
            restored = self.replica(self._tensor(low))
        error = loss(name, restored.float(), self._tensor(high), scale)
        error.backward()
        norm = get_total_norm(parameter.grad for parameter in self.model.parameters() if parameter.grad is not None)
        # one exchange, and one wait for the device, for all three
        told = torch.full_like(norm, float(self.interruption.name is not None))
        value, norm, told = self.replicas.mean(
            torch.stack([in_unit_range(name, error.detach(), scale), norm, told])
        ).tolist()
        if not (math.isfinite(value) and math.isfinite(norm)):
            raise TrainingError(self._not_finite(f"the loss is {value} and the norm of its gradient {norm}"))
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.model)
        self.iteration += 1
        self.losses.append(value)
        self.last_loss = value
        self.seconds += time.perf_counter() - start
        if self.iteration % settings["log_every"] == 0:
            self.log("loss", f"{LOSSES[name]} in [0, 1]", sum(self.losses) / len(self.losses))
            self.losses.clear()
        return told > 0

    def validate(self) -> None:
        """Mean PSNR (Y, dB) on validation images and watched test sets, and the time of the steps up to here (s)."""
        if self.validation is not None:
            self.log("validation_psnr", "dB", self.validation(self.result))
        for name, psnr in self.watched.items():
            self.log("test_psnr", "dB", psnr(self.result), dataset=name)
        self.log("training_time", "s", self.seconds)

    def log(self, quantity: str, unit: str, value: float, **where: str) -> None:
        self.rows.append({"iteration": self.iteration, **where, "quantity": quantity, "unit": unit, "value": value})

    def state(self) -> dict:
        """Everything needed to go on from here.

        Raises:
            TrainingError: a weight, statistic, average or moment is not finite; the last good state stays.
        """
        model, optimizer = self.model.state_dict(), self.optimizer.state_dict()
        average = None if self.average is None else self.average.state_dict()
        moments = {
            f"moment {name} of parameter {number}": tensor
            for number, entry in optimizer["state"].items()
            for name, tensor in entry.items()
        }
        wrong = not_finite({**moments, **(average or {}), **model})
        if wrong is not None:
            raise TrainingError(self._not_finite(f"{wrong} is not finite"))
        return {
            "identity": self.identity,
            "iteration": self.iteration,
            "model": model,
            "optimizer": optimizer,
            "average": average,
            "losses": self.losses,
            "seconds": self.seconds,
            "rows": self.rows,
        }

    def save_state(self) -> None:
        """Write the state, atomically.

        Raises:
            TrainingError: it is not finite.
            ResultError: it cannot be written.
        """
        if self.replicas.first:
            save_state(self.task.state_path, self.state())

    def resume(self) -> None:
        """Go on from a saved state, if there is one.

        Raises:
            CheckpointError: the state cannot be read, or was saved with other settings.
        """
        task = self.task
        title = task.title if self.replicas.first else None
        state = find_state(task.state_path, task.finished_path, self.identity, title)
        if state is None:
            return
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.iteration, self.seconds = state["iteration"], state["seconds"]
        self.losses, self.rows = state["losses"], state["rows"]
        if self.replicas.first:
            print(f"{self.task.title}: goes on from iteration {self.iteration}", file=sys.stderr)

    def _tensor(self, patches: Tensor) -> Tensor:
        """uint8 `(B, H, W, 3)` to what the network computes with, `(B, 3, H, W)` in [0, image_range]."""
        images = patches.to(self.replicas.device, non_blocking=True).permute(0, 3, 1, 2).contiguous()
        return images.float() * (identity(self.model).image_range / 255)

    def _stop(self) -> None:
        self.save_state()
        reason = self.interruption.name or "a signal to another process"
        raise TrainingError(
            f"{self.task.title}: stopped by {reason} after iteration {self.iteration}, which is saved; "
            "the same command goes on from there"
        )

    def _not_finite(self, what: str) -> str:
        path = self.task.state_path
        kept = f"the last good state is kept in {path}" if path.exists() else "no state had been saved yet"
        return (
            f"{self.task.title}: {what} at iteration {self.iteration}; {kept}. "
            f"Lower train.learning_rate (now {self.task.train['learning_rate']}) or set train.warm_up"
        )


def _moving_average(model: nn.Module, decay: float | None) -> AveragedModel | None:
    if decay is None:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))
