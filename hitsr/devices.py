"""Which device to compute on."""

import torch

from hitsr.errors import ConfigError


def choose_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU.

    Raises:
        ConfigError: CUDA was asked for and is not there.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise ConfigError("device: cuda was asked for, but PyTorch finds no CUDA device; use 'auto' or 'cpu'")
    return torch.device("cuda" if available and name != "cpu" else "cpu")
