"""What a built network is: the name, scale, options and value range that the suite knows it by."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hitsr.errors import OptionError

if TYPE_CHECKING:
    from torch import nn


NOTE = "hitsr_identity"
"""Attribute of a network that `annotate` writes and `identity` reads."""


@dataclass(frozen=True)
class Identity:
    """What `hitsr.build` made.

    Attributes:
        name: as tables print it.
        scale: of the output over the input.
        options: all options of the network.
        image_range: white in input and output; black is 0.
        layout: file with the layout of its official checkpoints, if their names are not its own.
    """

    name: str
    scale: int
    options: dict[str, object]
    image_range: float
    layout: Path | None = None


def annotate(model: "nn.Module", identity: Identity) -> "nn.Module":
    """Note on `model` what it is; its own `image_range` wins.

    `name`, `scale`, `options` and `image_range` are attributes too, where the network does not use the name itself:
    `scale` may be the factor of a residual.
    """
    own = getattr(model, "image_range", None)
    if isinstance(own, int | float):
        identity = replace(identity, image_range=own)
    setattr(model, NOTE, identity)
    for name in ("name", "scale", "options", "image_range"):
        if not hasattr(model, name):
            setattr(model, name, getattr(identity, name))
    return model


def identity(model: "nn.Module") -> Identity:
    """What `model` is.

    Raises:
        OptionError: it was not made by `hitsr.build` or `hitsr.load`.
    """
    found = getattr(model, NOTE, None)
    if found is None:
        raise OptionError(f"{type(model).__name__}: make the network by hitsr.build('FILE.py:Class', scale)")
    return found
