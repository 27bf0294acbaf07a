"""Which device to compute on: on a machine with several GPUs, one that no other process of ours is using."""

import os
import sys
from functools import cache

import torch

from hitsr.device_locks import Claim, claim
from hitsr.errors import ConfigError

CLAIMED = "HITSR_CLAIMED_DEVICE"
"""Environment variable that hands a claimed GPU on to processes that this one starts."""


def choose_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU; of several GPUs, the one that the fewest processes have claimed.

    Only devices that `CUDA_VISIBLE_DEVICES` leaves are considered. The device is this process' own until it ends, and
    PyTorch's current one; processes that this one starts compute on it too. Those of one torchrun never share a device.

    Raises:
        ConfigError: CUDA was asked for and is not there, or torchrun started more processes than there are devices.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise ConfigError("device: cuda was asked for, but PyTorch finds no CUDA device; use 'auto' or 'cpu'")
    if name == "cpu" or not available:
        return torch.device("cpu")
    device = torch.device("cuda", _own()[0])
    torch.cuda.set_device(device)
    return device


@cache
def _own() -> tuple[int, Claim | None]:
    """Number of this process' own device among the visible ones, and the claim, which lasts while it is kept."""
    names = [str(torch.cuda.get_device_properties(number).uuid) for number in range(torch.cuda.device_count())]
    torchrun = "LOCAL_RANK" in os.environ
    if os.environ.get(CLAIMED) in names and not torchrun:
        return names.index(os.environ[CLAIMED]), None
    group = f"torchrun {os.getppid()}" if torchrun else f"process {os.getpid()}"
    claimed = claim(names, group)
    if claimed.others:
        print(
            f"GPU {claimed.index} is shared with {claimed.others} other process(es): all {len(names)} visible ones "
            f"are taken; `--resources gpu={len(names)}` lets no more jobs run at once than there are GPUs",
            file=sys.stderr,
        )
    os.environ[CLAIMED] = names[claimed.index]
    return claimed.index, claimed
