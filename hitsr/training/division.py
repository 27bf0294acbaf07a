"""Networks in several processes: made independent of how a batch is divided, or refused."""

import copy

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

from hitsr.errors import ConfigError
from hitsr.networks.blocks.drop_path import DropPath
from hitsr.precision import computing_in
from hitsr.training.batch_norm import synchronise
from hitsr.training.replicas import Replicas

TOLERANCE = 1e-4
"""Difference of outputs, relative to the largest, that is rounding; other batch statistics give percents."""


def share(model: nn.Module, name: str, replicas: Replicas, size: int, image_range: float = 1.0) -> None:
    """Prepare `model` for processes that divide each batch: stochastic depth and batch norm see the whole batch.

    Then one batch is computed both ways, so that what a network does by its own means is found too.

    Args:
        model: on the device of `replicas`.
        size: side of the patches that it is trained on.
        image_range: white of its images.

    Raises:
        ConfigError: its outputs or statistics depend on how a batch is divided.
    """
    if replicas.count == 1:
        return
    dropout = [path for path, part in model.named_modules() if isinstance(part, _DropoutNd) and part.p > 0]
    if dropout:
        raise ConfigError(_refusal(name, f"{dropout[0]} is a dropout, drawn for each share of a batch anew"))
    whole = copy.deepcopy(model)
    for part in model.modules():
        if isinstance(part, DropPath):
            part.share = (replicas.number, replicas.count)
    synchronise(model)
    difference = _difference(whole, copy.deepcopy(model), replicas, size, image_range)
    # decided together: one process that stops alone would leave the others waiting
    wrong = replicas.mean(torch.tensor(float(not difference <= TOLERANCE), device=replicas.device))
    if wrong > 0:
        raise ConfigError(_refusal(name, f"one batch computed both ways differs by {difference:.1e} of its maximum"))


@torch.no_grad()
def _difference(whole: nn.Module, shared: nn.Module, replicas: Replicas, size: int, image_range: float) -> float:
    """Largest relative difference between a batch computed at once and this process' share of it."""
    images = torch.rand(replicas.count, 3, size, size, generator=torch.Generator().manual_seed(0))
    images = (images * image_range).to(replicas.device)
    own = slice(replicas.number, replicas.number + 1)
    with computing_in("float32", replicas.device):
        results = []
        for model, batch in ((whole, images), (shared, images[own])):
            torch.manual_seed(0)
            results.append(model.train()(batch))
    pairs = [(results[0][own], results[1]), *zip(whole.buffers(), shared.buffers(), strict=True)]
    # unlike Python's, this maximum is no number if one of them is none
    return float(np.max([_gap(one, other) for one, other in pairs]))


def _gap(one: Tensor, other: Tensor) -> float:
    if not one.numel():
        return 0.0
    one, other = one.double(), other.double()
    return float((one - other).abs().max() / one.abs().max().clamp_min(1e-12))


def _refusal(name: str, reason: str) -> str:
    return (
        f"train.processes: {name} depends on how a batch is divided among processes ({reason}), so that several give "
        "another result than one; set train.processes: 1"
    )
