"""PyTorch as it is: Python calls each operation."""

import torch
from torch import Tensor, nn

from hitsr.measure.time.backends import Prepared

SMALL = 32
"""Side in pixels of the crop that is run first."""


def available(device: torch.device) -> str | None:
    """Everywhere."""
    return None


def prepare(network: nn.Module, example: Tensor) -> Prepared:
    """Load the kernels, and build what the network keeps between passes, on a crop; else on the whole."""
    try:
        network(example[:, :, :SMALL, :SMALL])
    except Exception:  # a network may refuse small images; what it says of the whole is its own error
        network(example)
    return Prepared(network)
