"""Timing: what is recorded, and that memory is measured and grows with the image."""

import numpy as np
import pytest
import torch
from torch import nn

from hitsr.errors import ResultError
from hitsr.measure.time import rounds as latency
from hitsr.measure.time import worker as latency_runner
from hitsr.measure.time.rounds import Contestant, Setting, measure, runner
from hitsr.networks.identity import Identity, annotate

OPTIONS = {"dim": 16, "depths": [1], "heads": 2}


def test_rows():
    contestants = [
        Contestant(name, name, OPTIONS, formulation)
        for name in ("SwinIR-Light", "HiT-SIR")
        for formulation in ("plain", "fast")
    ]
    rows = measure(contestants, Setting(2, warm_up=1, repeats=3, threads=1, device="cpu"), [(32, 24)])
    assert len(rows) == 4 * 4
    for row in rows:
        assert row["input"] == "32x24" and row["unit"] in ("ms", "MiB")
    values = {
        row["quantity"]: row["value"]
        for row in rows
        if row["method"] == "HiT-SIR" and row["implementation"] == "optimized"
    }
    assert 0 < values["latency_p10"] <= values["latency_median"] <= values["latency_p90"]


@pytest.mark.parametrize("values", [[7.0], [1.8, 9.1], [6.1, 1.3, 6.5], [float(v) for v in range(1, 12)]])
def test_deciles_are_numpys_and_never_beyond_the_rounds(values):
    found = latency._deciles(values)
    assert found == pytest.approx(np.percentile(values, range(10, 100, 10)))
    assert min(values) <= found[0] <= found[8] <= max(values)


def test_memory_grows_with_the_image():
    contestant = Contestant("SwinIR-Light", "SwinIR-Light", OPTIONS, "plain")
    with runner(contestant, Setting(2, warm_up=0, repeats=1, threads=1, device="cpu")) as network:
        small, large = (network.ask("peak", size) for size in ((64, 64), (320, 320)))
    activations = 320 * 320 * 16 * 4 / 2**20
    assert large > max(small, activations)


def test_training_steps():
    contestants = [Contestant("HiT-SIR", "HiT-SIR", OPTIONS, formulation) for formulation in ("plain", "fast")]
    setting = Setting(2, warm_up=0, repeats=1, threads=1, device="cpu", task="training")
    rows = measure(contestants, setting, [(16, 16)])
    assert all(row["value"] > 0 for row in rows if row["quantity"] == "latency_median")


def test_a_training_step_is_of_the_whole_batch():
    seen = []

    class Probe(nn.Module):
        def __init__(self):
            super().__init__()
            self.scaled = nn.Parameter(torch.ones(()))

        def forward(self, low):
            seen.append(tuple(low.shape))
            return self.scaled * low.repeat_interleave(3, 2).repeat_interleave(3, 3)

    probe = annotate(Probe(), Identity("Probe", 3, {}, 1.0))
    step = latency_runner.training(probe, {"scale": 3, "batch": 5})
    step(torch.rand(1, 3, 8, 8))
    assert seen == [(5, 3, 8, 8)] and probe.scaled.grad is not None


def test_a_process_that_fails_is_named():
    broken = Contestant("mine", "SwinIR-Light", {"dim": 7}, "fast")
    with pytest.raises(ResultError, match="mine.*heads"):
        measure([broken], Setting(2, warm_up=0, repeats=1, threads=1, device="cpu"), [(16, 16)])
