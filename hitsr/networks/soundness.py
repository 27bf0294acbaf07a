"""Weights that cannot be computed with: found before they are written or used."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook


class TooManyWeightsError(ValueError):
    """A network has more weights than it may have."""


def not_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """Name of the first tensor that holds NaN or infinity; None if all values are finite."""
    floats = {name: tensor for name, tensor in tensors.items() if tensor.is_floating_point()}
    if not floats:
        return None
    # one wait for the device for all of them
    fine = torch.stack([torch.isfinite(tensor).all() for tensor in floats.values()]).tolist()
    return next((name for name, good in zip(floats, fine, strict=True) if not good), None)


def unsound(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> str | None:
    """What is wrong with `tensors` as the values of `own`, in words: not floats where those are, or not finite."""
    for name, tensor in tensors.items():
        if name in own and tensor.is_floating_point() != own[name].is_floating_point():
            wanted = str(own[name].dtype).removeprefix("torch.")
            return f"{name} holds {str(tensor.dtype).removeprefix('torch.')} values instead of {wanted}"
    wrong = not_finite({name: tensor for name, tensor in tensors.items() if name in own})
    return wrong and f"{wrong} holds values that are not finite"


@contextmanager
def at_most(weights: int) -> Iterator[None]:
    """Inside, a network is built no further than to this many weights: the rest would take memory for nothing.

    Raises:
        TooManyWeightsError: more are registered.
    """
    built = 0

    def count(_: nn.Module, name: str, parameter: nn.Parameter | None) -> None:
        nonlocal built
        built += 0 if parameter is None else parameter.numel()
        if built > weights:
            raise TooManyWeightsError(f"{name} brings it to {built:,} weights")

    handle = register_module_parameter_registration_hook(count)
    try:
        yield
    finally:
        handle.remove()
