"""Marks in a traced graph: operators without meaning, at which nodes are put in or copied afterwards."""

import torch
from torch import Tensor

DOMAIN = "hitsr"
"""Of the operators that are marks; no runtime knows it."""


def marked(name: str, x: Tensor, shape: tuple[int, ...] | torch.Size, **attributes: int | str) -> Tensor:
    """The tensor of `shape` that the mark `name` makes of `x`; to be traced, not computed."""
    return torch.onnx.ops.symbolic(f"{DOMAIN}::{name}", (x,), {**attributes}, dtype=x.dtype, shape=shape, version=1)
