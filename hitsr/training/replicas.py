"""Processes that share each batch, started by torchrun; a training without torchrun is one process of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import distributed, nn

from hitsr.devices import choose_device
from hitsr.errors import ConfigError

WAIT = timedelta(hours=1)
"""How long processes wait for each other; the first one validates alone."""


@dataclass(frozen=True)
class Replicas:
    """This process among those that train one network.

    Attributes:
        number, count: rank and world size, in the words of torch.distributed.
    """

    number: int
    count: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this process writes, validates and reports."""
        return self.number == 0

    def replicate(self, model: nn.Module) -> nn.Module:
        """The network as called in training: gradients are averaged over all processes."""
        if self.count == 1:
            return model
        devices = [self.device.index] if self.device.type == "cuda" else None
        # the weights are equal already: same seed, or same saved state
        return nn.parallel.DistributedDataParallel(model, device_ids=devices, broadcast_buffers=False)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Mean over all processes, the same in each."""
        if self.count > 1:
            distributed.all_reduce(values)
        return values / self.count

    def wait(self) -> None:
        """Go on when all processes are here."""
        if self.count > 1:
            distributed.barrier()


@contextmanager
def joined(train: dict) -> Iterator[Replicas]:
    """This process' place among those that torchrun started, and its device.

    Raises:
        ConfigError: the batch cannot be divided equally, or there is no CUDA device for each process.
    """
    number, count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if train["batch_size"] % count:
        raise ConfigError(
            f"train.batch_size: {train['batch_size']} patches cannot be divided among {count} processes; "
            "change it or train.processes"
        )
    device = choose_device(train["device"])
    if count == 1:
        yield Replicas(0, 1, device)
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=WAIT)
    try:
        yield Replicas(number, count, device)
    finally:
        distributed.destroy_process_group()
