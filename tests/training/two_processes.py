"""One of two processes that torchrun starts: what each finds goes to a file, which test_division.py reads.

torchrun --standalone --nproc-per-node 2 two_processes.py DATA FOLDER
"""

import sys
from pathlib import Path

import torch
from common import ALONE, advance, task
from division_networks import CASES, ELAN_TRAIN, BatchNorms
from torch import nn

import hitsr
from hitsr.errors import ConfigError
from hitsr.training.division import share
from hitsr.training.replicas import Replicas, joined
from hitsr.training.trainer import Trainer


def batch_norms(replicas: Replicas) -> dict[str, torch.Tensor]:
    """Outputs of this process' share, gradients averaged over both, statistics; in float64, after three batches."""
    torch.manual_seed(0)
    model = BatchNorms()
    share(model, "batch norms", replicas, 16)
    model.double()
    torch.manual_seed(1)
    images = torch.rand(3, 4, 3, 16, 16, dtype=torch.float64)
    shared = replicas.replicate(model)
    own = slice(2 * replicas.number, 2 * replicas.number + 2)
    for batch in images:
        batch = batch[own].requires_grad_()
        y = shared(batch)
        model.zero_grad()
        (y**3).mean().backward()
    found = {f"gradient of {name}": weight.grad for name, weight in model.named_parameters()}
    return {**found, **model.state_dict(), "output": y.detach(), "gradient of input": batch.grad}


def refusals(replicas: Replicas) -> dict[str, str]:
    found = {}
    for name, make in CASES.items():
        torch.manual_seed(0)
        try:
            share(make(), name, replicas, 16)
            found[name] = ""
        except ConfigError as error:
            found[name] = str(error)
    return found


def elan(data: Path, folder: Path, replicas: Replicas) -> dict[str, object]:
    """Losses and weights of a few iterations."""
    settings = task(data, folder, **ELAN_TRAIN)
    torch.manual_seed(0)
    steps = Trainer(settings, hitsr.build(settings.network, 2, **settings.options), replicas)
    losses = []
    for iteration in range(1, 9):
        advance(steps, iteration)
        losses.append(steps.last_loss)
    return {"losses": losses, "state": steps.model.state_dict()}


if __name__ == "__main__":
    data, folder = map(Path, sys.argv[1:])
    torch.set_num_threads(1)
    with joined({"batch_size": 2, "device": "cpu"}) as replicas:
        found = {"batch norms": batch_norms(replicas), "refusals": refusals(replicas)}
        found["elan"] = elan(data, folder, replicas)
        if replicas.first:
            found["elan alone"] = elan(data, folder, ALONE)
        assert isinstance(replicas.replicate(nn.Linear(1, 1)), nn.parallel.DistributedDataParallel)
        torch.save(found, folder / f"{replicas.number}.pt")
