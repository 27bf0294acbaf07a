"""Training on a GPU: the steps of the CPU up to rounding, and the same bits however it was interrupted."""

import copy

import pytest
import torch
from common import OPTIONS, TRAIN, rows, same, task, trained, weights

import hitsr
from hitsr.training.loss import loss
from hitsr.training.trainer import Trainer

SMALL = {"HiT-SIR": {"dim": 48, "depths": [2], "heads": 2, "window_ratios": [0.5, 2]}, "SwinIR-Light": OPTIONS}
ON_GPU = {"device": "cuda", "iterations": 40, "checkpoint_every": 1, "validate_every": 20, "ema": 0.9}


@pytest.mark.parametrize("implementation", ["reference", "optimized"])
@pytest.mark.parametrize("name", SMALL)
def test_gradients_of_the_cpu(cuda, name, implementation):
    torch.manual_seed(0)
    options = {**SMALL[name], "drop_path": 0.0}
    model = hitsr.build(name, 2, implementation=implementation, **options)
    low, high = torch.rand(2, 3, 24, 24), torch.rand(2, 3, 48, 48)
    exact = copy.deepcopy(model).double()
    loss("l1", exact(low.double()), high.double(), 1.0).backward()
    model = model.to(cuda)
    loss("l1", model(low.to(cuda)), high.to(cuda), 1.0).backward()
    for (parameter_name, parameter), other in zip(model.named_parameters(), exact.parameters(), strict=True):
        error = (parameter.grad.double().cpu() - other.grad).norm() / other.grad.norm().clamp_min(1e-12)
        assert error < 1e-2, (parameter_name, error.item())


@pytest.mark.parametrize("on_device", [False, True])
def test_killed_and_continued_equals_uninterrupted(cuda, data, tmp_path, monkeypatch, on_device):
    """Bit for bit, with drop path, moving average and validation; the images in the GPU's memory or not."""
    settings = {**ON_GPU, "data_on_device": on_device}
    trained(task(data, tmp_path / "whole", train=settings))
    step = Trainer.step

    def killed(self, *batch):
        if self.iteration == 17:
            raise KeyboardInterrupt
        return step(self, *batch)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Trainer, "step", killed)
        trained(task(data, tmp_path / "killed", train=settings))
    trained(task(data, tmp_path / "killed", train=settings))
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "killed"))


def test_it_learns_as_on_a_cpu(cuda, data, tmp_path):
    """The same seeds, order and crops; without drop path, whose generator is the device's own."""
    options = {**OPTIONS, "drop_path": 0.0}
    for device in ("cpu", "cuda"):
        settings = {**TRAIN, "iterations": 60, "device": device}
        trained(task(data, tmp_path / device, train=settings, options=options))
    there, here = (rows(tmp_path / device, "loss") for device in ("cuda", "cpu"))
    assert there == pytest.approx(here, rel=0.02) and here[-1] < here[0]
