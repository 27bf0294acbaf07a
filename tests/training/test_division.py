"""Layers that see the whole batch, in two processes: equal to one process, or refused."""

import subprocess
import sys

import pytest
import torch
from conftest import ROOT
from division_networks import CASES, FINE, BatchNorms

from hitsr.training.batch_norm import synchronise

WORKER = ROOT / "tests" / "training" / "two_processes.py"


@pytest.fixture(scope="module")
def found(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("division")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run([*launcher, WORKER, data, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [torch.load(folder / f"{number}.pt", weights_only=True) for number in (0, 1)]


def alone():
    """The same as `batch_norms` of the worker, in one process."""
    torch.manual_seed(0)
    model = BatchNorms().double()
    torch.manual_seed(1)
    images = torch.rand(3, 4, 3, 16, 16, dtype=torch.float64)
    for batch in images:
        batch.requires_grad_()
        y = model.train()(batch)
        model.zero_grad()
        (y**3).mean().backward()
    gradients = {f"gradient of {name}": weight.grad for name, weight in model.named_parameters()}
    return {**gradients, **model.state_dict(), "output": y.detach(), "gradient of input": batch.grad}


def test_batch_norm_equals_that_of_one_process(found):
    """In float64: outputs, gradients of weights and images, running statistics, and the names of all of them."""
    expected, shares = alone(), [each["batch norms"] for each in found]
    assert list(shares[0]) == list(expected)
    for name, value in expected.items():
        if name == "output":
            given = torch.cat([each[name] for each in shares])
        elif name == "gradient of input":
            # of the mean over one share: twice its part in the mean over both
            given = torch.cat([each[name] for each in shares]) / 2
        else:
            given = shares[0][name]
            assert torch.equal(given, shares[1][name]), f"{name} differs between the processes"
        largest = (given - value).abs().max().item()
        assert largest <= 1e-9 * max(1, value.abs().max().item()), f"{name}: {largest}"


def test_evaluation_does_not_communicate():
    """The first process validates alone."""
    model = BatchNorms().eval()
    image = torch.rand(1, 3, 8, 8)
    model.parts["stateless"] = torch.nn.BatchNorm2d(3)
    expected = model.eval()(image)
    synchronise(model)
    assert torch.equal(model.eval()(image), expected)


def test_a_network_with_batch_norm_trains_as_in_one_process(found):
    """Losses to rounding; weights and running statistics as near as Adam lets them stay."""
    one, two = found[0]["elan alone"], [each["elan"] for each in found]
    assert two[0]["losses"] == pytest.approx(one["losses"], rel=1e-4)
    assert list(one["state"]) == list(two[0]["state"])
    for name, value in one["state"].items():
        assert torch.equal(two[0]["state"][name], two[1]["state"][name]), name
        gap = (two[0]["state"][name] - value).abs().max().item()
        tolerance = 1e-3 * value.abs().max().item() if "running" in name else 5e-4
        assert gap <= tolerance, f"{name}: {gap}"


@pytest.mark.parametrize("name", CASES)
def test_what_depends_on_the_division_is_refused(found, name):
    said = [each["refusals"][name] for each in found]
    if name in FINE:
        assert said == ["", ""]
    else:
        assert all(f"train.processes: {name} depends on how a batch is divided" in each for each in said)
        assert all(each.endswith("set train.processes: 1") for each in said)
