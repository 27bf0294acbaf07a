"""Weights that cannot be computed with: found before they are written or used."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook

FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
"""Types of values that are taken; they are converted to that of the network."""
LARGEST = 1e15
"""Magnitude beyond which a weight cannot have been trained: its square is near the end of float32."""


class TooManyWeightsError(ValueError):
    """A network has more weights than it may have."""


def not_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """Name of the first tensor that holds NaN or infinity; None if all values are finite."""
    return next(iter(_where(tensors, lambda tensor: torch.isfinite(tensor).all())), None)


def unsound(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> str | None:
    """What is wrong with `tensors` as the values of `own`, in words: another kind of values, or not to compute with."""
    for name, tensor in tensors.items():
        if name not in own or tensor.dtype == own[name].dtype:
            continue
        if not (own[name].is_floating_point() and tensor.dtype in FLOATS):
            return f"{name} holds {_type(tensor)} values instead of {_type(own[name])}"
    mine = {name: tensor for name, tensor in tensors.items() if name in own}
    wrong = not_finite(mine)
    if wrong is not None:
        return f"{wrong} holds values that are not finite"
    too_large = next(iter(_where(mine, lambda tensor: tensor.abs().amax() <= LARGEST)), None)
    return too_large and f"{too_large} holds values of more than {LARGEST:g}"


def conversions(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> list[str]:
    """What `tensors` are converted to as the values of `own`, in words."""
    pairs = {(_type(tensors[name]), _type(own[name])) for name in own if name in tensors}
    return [f"converted from {held} to {wanted}" for held, wanted in sorted(pairs) if held != wanted]


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


def _where(tensors: Mapping[str, Tensor], good: Callable[[Tensor], Tensor]) -> list[str]:
    """Names of the tensors of floats of which `good`, a tensor of one value, is false."""
    floats = {name: tensor for name, tensor in tensors.items() if tensor.is_floating_point() and tensor.numel()}
    if not floats:
        return []
    answers = {name: good(tensor) for name, tensor in floats.items()}
    # one wait per device; of a training on a GPU, counts of steps are on the CPU
    wrong: set[str] = set()
    for device in {answer.device for answer in answers.values()}:
        there = {name: answer for name, answer in answers.items() if answer.device == device}
        wrong |= {
            name for name, fine in zip(there, torch.stack(list(there.values())).tolist(), strict=True) if not fine
        }
    return [name for name in answers if name in wrong]


def _type(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
