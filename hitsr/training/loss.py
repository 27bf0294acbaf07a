"""What a training minimises: key `train.loss`."""

import torch
from torch import Tensor
from torch.nn import functional as F

LOSSES = {"l1": "L1", "mse": "mean squared error", "charbonnier": "Charbonnier"}
"""Names in the configuration, and what figures call them."""
CHARBONNIER_EPSILON = 1e-3
"""For images in [0, 1], as in LapSRN (Lai et al., arXiv 1704.03915), which brought this loss to super-resolution."""


def loss(name: str, output: Tensor, target: Tensor, image_range: float) -> Tensor:
    """Mean over pixels and channels of |d|, d^2 or sqrt(d^2 + epsilon^2), in the units of the network.

    Args:
        name: one of `LOSSES`.
        output, target: images `(B, 3, H, W)` in [0, image_range].
    """
    if name == "l1":
        return F.l1_loss(output, target)
    if name == "mse":
        return F.mse_loss(output, target)
    difference = output - target
    return torch.sqrt(difference * difference + (CHARBONNIER_EPSILON * image_range) ** 2).mean()


def in_unit_range(name: str, value: Tensor, image_range: float) -> Tensor:
    """A loss as it would be for images in [0, 1]: comparable between networks whatever range they compute in."""
    return value / (image_range**2 if name == "mse" else image_range)
