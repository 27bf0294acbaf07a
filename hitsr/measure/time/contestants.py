"""What is timed, and under what conditions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hitsr.precision import Precision

TIMEOUT = 3600.0
"""Seconds that one pass may take, unless the configuration says otherwise."""


@dataclass(frozen=True)
class Contestant:
    """One network to time.

    Attributes:
        method: its row in the tables.
        network: name in the registry, or `FILE.py:Class`.
        options: of the network.
        implementation: as of `hitsr.build`; "reference" is measured where it changes nothing.
        backend: a module of `hitsr.measure.time.backends`.
        activation_checkpointing: as the key of training, for training steps.
    """

    method: str
    network: str
    options: dict
    implementation: str = "optimized"
    backend: str = "eager"
    activation_checkpointing: bool = False

    def __str__(self) -> str:
        return f"{self.method} ({self.implementation}, {self.backend})"


@dataclass(frozen=True)
class Setting:
    """Under what conditions.

    Attributes:
        warm_up: untimed rounds.
        repeats: timed rounds.
        threads: of the CPU.
        device: as `hitsr.devices.choose_device` takes it.
        precision: as `hitsr.precision.computing_in` takes it.
        task: a forward pass of one image, or a training step of a batch of `batch` patches.
        timeout: seconds that one pass may take.
        keep_pages: whether the processes keep freed memory for the next tensors, as `hitsr.upscale` does.
    """

    scale: int
    warm_up: int
    repeats: int
    threads: int
    device: str
    precision: "Precision" = "float32"
    task: Literal["forward", "training"] = "forward"
    batch: int = 4
    timeout: float = TIMEOUT
    keep_pages: bool = True
