"""Timing: what is recorded, that memory is measured and grows with the image, and who is timed with whom."""

from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from hitsr.errors import ResultError
from hitsr.measure.time import groups, timer
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.process import Weighed, WorkerError, worker
from hitsr.measure.time.rounds import measure
from hitsr.measure.time.run import timed
from hitsr.measure.time.tasks import training
from hitsr.networks.identity import Identity, annotate

OPTIONS = {"dim": 16, "depths": [1], "heads": 2}
IMPLEMENTATIONS = ("reference", "optimized")
BARE = f"{Path(__file__).with_name('misbehaving.py')}:Nearest"


def test_rows():
    contestants = [Contestant("HiT-SIR", "HiT-SIR", OPTIONS, each) for each in IMPLEMENTATIONS]
    contestants += [Contestant("Mine", BARE, {}, each) for each in IMPLEMENTATIONS]
    setting = Setting(2, warm_up=1, repeats=3, threads=1, device="cpu")
    found = measure(contestants, setting, [(32, 24), (16, 16)])
    rows = found.rows(setting)
    seen = {(row["method"], row["implementation"], row["input"]) for row in rows}
    # a network without optimized layers is timed once
    names = [("HiT-SIR", "reference"), ("HiT-SIR", "optimized"), ("Mine", "reference")]
    assert seen == {(*name, size) for name in names for size in ("32x24", "16x16")} and len(rows) == 4 * len(seen)
    values = {(row["method"], row["implementation"], row["input"], row["quantity"]): row["value"] for row in rows}
    for each in found.raw():
        key = (each["method"], each["implementation"], each["input"])
        assert len(each["milliseconds"]) == 3
        assert values[*key, "latency_median"] == sorted(each["milliseconds"])[1]
        assert 0 < values[*key, "latency_p10"] <= values[*key, "latency_median"] <= values[*key, "latency_p90"]
    assert {(row["backend"], row["precision"]) for row in rows} == {("eager", "float32")}
    assert (found.numerics["precision"], found.numerics["pages_kept"]) == ("float32", True)
    assert found.device == "cpu" and len(found.groups) == 1


@pytest.mark.parametrize("values", [[7.0], [1.8, 9.1], [6.1, 1.3, 6.5], [float(v) for v in range(1, 12)]])
def test_percentiles_are_numpys_and_never_beyond_the_rounds(values):
    found = timer.summary(values)
    assert list(found.values()) == pytest.approx(np.percentile(values, (50, 10, 90)))
    assert min(values) <= found["p10"] <= found["p90"] <= max(values)


def test_memory_grows_with_the_image_and_not_with_what_was_measured_before():
    contestant = Contestant("SwinIR-Light", "SwinIR-Light", OPTIONS, "reference")
    with worker(contestant, Setting(2, warm_up=0, repeats=1, threads=1, device="cpu")) as network:
        small, large, again = (network.memory(size).peak for size in ((64, 64), (320, 320), (64, 64)))
    activations = 320 * 320 * 16 * 4 / 2**20
    assert large > max(small, activations)
    # what the large pass has left with the allocator would hide nearly all of it
    assert small / 2 < again < large / 2


def test_a_training_step_is_timed():
    setting = Setting(2, warm_up=0, repeats=1, threads=1, device="cpu", task="training")
    found = measure([Contestant("HiT-SIR", "HiT-SIR", OPTIONS)], setting, [(16, 16)])
    assert all(row["value"] > 0 for row in found.rows(setting) if row["quantity"] == "latency_median")


def test_a_training_step_is_of_the_whole_batch():
    seen = []

    class Probe(nn.Module):
        def __init__(self):
            super().__init__()
            self.scaled = nn.Parameter(torch.ones(()))

        def forward(self, low):
            seen.append(tuple(low.shape))
            return self.scaled * low.repeat_interleave(3, 2).repeat_interleave(3, 3)

    probe = annotate(Probe(), Identity("probe", 3, {}, 1.0))
    setting = Setting(3, 0, 1, 1, "cpu", task="training", batch=5)
    ready = training(probe, torch.rand(1, 3, 24, 24), setting)
    seen.clear()
    ready.work()
    assert seen == [(5, 3, 24, 24)] and probe.scaled.grad is not None


def test_a_network_that_cannot_be_built_ends_the_measurement_at_once():
    broken = Contestant("mine", "SwinIR-Light", {"dim": 7}, "optimized")
    never = Contestant("other", "no such network", {})
    with pytest.raises(ResultError, match=r"mine \(optimized, eager\): building: heads"):
        timed([broken, never], Setting(2, warm_up=0, repeats=1, threads=1, device="cpu"), [(16, 16)])


class Made:
    """A machine of 1000 MiB with a reserve of 0, and workers that take `options` of it: idle, and in a pass."""

    def __init__(self, monkeypatch):
        self.living, self.most, self.log = {}, 0, []
        monkeypatch.setattr(groups, "worker", self.worker)
        monkeypatch.setattr(groups, "Worker", self.process)
        monkeypatch.setattr(groups, "RESERVE", 0)

    def room(self):
        return 1000 - sum(each.options["idle"] for each in self.living.values())

    @contextmanager
    def worker(self, contestant, setting):
        process = self.process(contestant, setting)
        try:
            process.build()
            yield process
        finally:
            process.close()

    def process(self, contestant, setting):
        made, name = self, contestant.method

        class Worker:
            implementation, device, numerics = "reference", "cpu", {}

            def build(self):
                made.living[name] = contestant
                made.most = max(made.most, len(made.living))

            def memory(self, size):
                made.take(contestant, "memory")
                return Weighed(contestant.options["peak"], {}, None)

            def time(self, size):
                made.take(contestant, "time")
                made.log.append(name)
                return 1.0

            def close(self):
                made.living.pop(name, None)

        return Worker()

    def take(self, contestant, doing):
        assert contestant.method in self.living
        if contestant.options["peak"] > self.room():
            raise WorkerError(contestant, "memory", "not enough", doing)


def named(**sizes):
    return [Contestant(name, name, {"idle": idle, "peak": peak}) for name, (idle, peak) in sizes.items()]


def test_all_that_fit_are_timed_together(monkeypatch):
    made = Made(monkeypatch)
    found = measure(named(a=(300, 90), b=(300, 90), c=(300, 90)), Setting(2, 1, 3, 1, "cpu"), [(8, 8)], made.room)
    assert len(found.groups) == 1 and made.most == 3 and not made.living
    # each begins once; the untimed round comes first
    assert "".join(made.log) == "cab" + "abc" + "bca" + "cab"
    assert [len(result.times[8, 8]) for result in found.results] == [3, 3, 3]


def test_those_that_do_not_fit_take_turns_in_groups(monkeypatch):
    made = Made(monkeypatch)
    contestants = named(a=(400, 150), b=(400, 150), c=(400, 550), d=(400, 10), e=(999, 999))
    found = measure(contestants, Setting(2, 0, 5, 1, "cpu"), [(8, 8)], made.room)
    assert [[each.contestant.method for each in group] for group in found.groups] == [["a", "b"], ["c"], ["d"]]
    assert "".join(made.log) == "abba" + "cc" + "dd" + "abba" + "cc" + "dd" + "ab" + "c" + "d"
    assert [len(result.times[8, 8]) for result in found.results[:4]] == [5, 5, 5, 5]
    (failed,) = found.failures()
    assert (failed["method"], failed["kind"]) == ("e", "memory") and "e" not in {row["method"] for row in found.raw()}
    assert not made.living


def test_thirty_networks_never_take_more_than_there_is(monkeypatch):
    made = Made(monkeypatch)
    networks = named(**{f"n{number}": (90, 40 * (number % 9)) for number in range(30)})
    found = measure(networks, Setting(2, 1, 2, 1, "cpu"), [(8, 8), (16, 16)], made.room)
    assert not found.failures() and len(found.rows(Setting(2, 1, 2, 1, "cpu"))) == 30 * 2 * 4
    assert made.most <= 1000 // 90
