"""Back-ends: ways to run a network, one file each. To add one, add a file; nothing else lists them.

A back-end is a module of this folder with two functions:

    available(device) -> str | None         why it cannot be used here, or None
    prepare(network, example) -> Prepared   a network in evaluation, ready to run on images like `example` (1, 3, H, W)

What `prepare` takes is recorded, and so is how far the output is from that of `eager`. It is called, as is what it
returns, under `torch.no_grad()` in the number format that is asked for, and may raise anything: the message becomes
the reason why there is no number. Nothing here imports torch, so that a configuration can be checked without it.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


@dataclass(frozen=True)
class Prepared:
    """A network in a back-end.

    Attributes:
        run: image `(1, 3, H, W)` to image `(1, 3, s H, s W)`.
        facts: what is recorded of the preparation, such as versions.
        holds_memory: it keeps the memory of a pass for the next one, so that a pass seems to take none.
    """

    run: "Callable[[Tensor], Tensor]"
    facts: dict[str, object] = field(default_factory=dict)
    holds_memory: bool = False


class Backend(Protocol):
    """What a module of this folder is."""

    def available(self, device: "torch.device") -> str | None:
        """Why it cannot be used on this device, or None."""

    def prepare(self, network: "nn.Module", example: "Tensor") -> Prepared:
        """Make a network ready to run on images like `example`."""


def names() -> list[str]:
    """The back-ends that there are; `eager` first."""
    found = [module.name for module in pkgutil.iter_modules(__path__)]
    return sorted(found, key=lambda name: (name != "eager", name))


def load(name: str) -> Backend:
    """A back-end by its name."""
    return cast(Backend, importlib.import_module(f"{__name__}.{name}"))
