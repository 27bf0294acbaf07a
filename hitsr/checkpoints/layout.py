"""Layouts of official checkpoints: how a network's own names become those of its authors, and how files are recognised.

A layout is a Python file that the key `checkpoint` of a method names. It may define:

    RENAMES    pairs of a pattern and its replacement, applied in this order to our name of a tensor
    SIGNS      by the name of a network, patterns each of which some name in its files matches; networks that are not
               in this suite but whose files look alike may be among them
    UPSAMPLER  official name of the convolution with 3 s^2 outputs, or a tuple of the names of those that multiply
               the channels by s^2, step by step
"""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from torch import Tensor

from hitsr.networks.discovery import shipped
from hitsr.networks.loading import import_file
from hitsr.networks.registry import find

Rename = tuple[str, str | Callable[[re.Match], str]]


@dataclass(frozen=True)
class Layout:
    """What a layout file defines; without one, our names are the official ones."""

    renames: Sequence[Rename] = ()
    signs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    upsampler: str | tuple[str, ...] = ()

    def official(self, name: str) -> str:
        """The official name of the tensor that we call `name`."""
        for pattern, replacement in self.renames:
            name = re.sub(pattern, replacement, name)
        return name

    def shows(self, network: str, names: Collection[str]) -> bool:
        """Whether every sign of a network is among the official names of a file."""
        return all(any(re.search(pattern, name) for name in names) for pattern in self.signs.get(network, ()))

    def scale(self, weights: Mapping[str, Tensor]) -> int | None:
        """The scale of official weights, by their upsampler; None if they do not say."""
        if isinstance(self.upsampler, str):
            tensor = weights.get(self.upsampler)
            square = tensor.shape[0] / 3 if tensor is not None else 0
        else:
            found = [weights[name] for name in self.upsampler if name in weights]
            square = math.prod(tensor.shape[0] / tensor.shape[1] for tensor in found if tensor.ndim == 4)
        scale = round(square**0.5)
        return scale if scale > 1 and scale**2 == square else None

    def channels(self, weights: Mapping[str, Tensor]) -> int | None:
        """The channels of the features, by the inputs of the upsampler."""
        name = self.upsampler if isinstance(self.upsampler, str) else next(iter(self.upsampler), "")
        tensor = weights.get(name)
        return tensor.shape[1] if tensor is not None and tensor.ndim == 4 else None


@cache
def read_layout(file: Path | None) -> Layout:
    """The layout that a file defines."""
    if file is None:
        return Layout()
    module = import_file(file)
    return Layout(getattr(module, "RENAMES", ()), getattr(module, "SIGNS", {}), getattr(module, "UPSAMPLER", ()))


def identify(weights: Mapping[str, Tensor]) -> str:
    """What a set of official (or our own) weights seems to be, in words for an error message."""
    recognised = _recognise(weights)
    if recognised is None:
        if any("mixer_norm" in name for name in weights):
            return "a network of this suite (or one built like it)"
        return f"of an unknown layout (first names: {', '.join(list(weights)[:3])})"
    network, layout = recognised
    scale, channels = layout.scale(weights), layout.channels(weights)
    if channels is None:
        return f"{network} (or one built like it)"
    return f"{network}{f' x{scale}' if scale else ''} with {channels} channels"


def _recognise(names: Collection[str]) -> tuple[str, Layout] | None:
    """Of the networks whose every sign is found, that with the most signs, and the layout that knows it."""
    files = {find(network).layout for network, entry in shipped().methods.items() if entry["network"]}
    best: tuple[int, str, Layout] | None = None
    for layout in map(read_layout, files):
        for network, patterns in layout.signs.items():
            if layout.shows(network, names) and (best is None or len(patterns) > best[0]):
                best = len(patterns), network, layout
    return best and best[1:]
