"""Which GPU a process computes on, where PyTorch is made to see two; the claims are tested in test_device_claims.py."""

import os
from functools import partial
from types import SimpleNamespace

import pytest
import torch

from hitsr import device_locks as device_claims
from hitsr import devices
from hitsr.errors import ConfigError


@pytest.fixture
def two_gpus(monkeypatch, tmp_path):
    """PyTorch that sees two GPUs, and locks of our own; returns the numbers that became the current device."""
    current = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: SimpleNamespace(uuid=f"uuid-{number}"))
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: current.append(device.index))
    monkeypatch.setattr(devices, "claim", partial(device_claims.claim, folder=tmp_path))
    monkeypatch.setenv(devices.CLAIMED, "")
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    devices._own.cache_clear()
    yield current
    devices._own.cache_clear()


def test_cpu_claims_nothing(two_gpus, tmp_path):
    assert devices.choose_device("cpu") == torch.device("cpu")
    assert not two_gpus and not list(tmp_path.iterdir())


def test_the_free_gpu_and_the_same_ever_after(two_gpus, tmp_path):
    other = device_claims.claim(["uuid-0", "uuid-1"], "another process", tmp_path)
    assert devices.choose_device("auto") == devices.choose_device("cuda") == torch.device("cuda", 1)
    assert other.index == 0 and two_gpus == [1, 1] and os.environ[devices.CLAIMED] == "uuid-1"


def test_children_compute_on_the_gpu_of_their_parent(two_gpus, tmp_path, monkeypatch):
    monkeypatch.setenv(devices.CLAIMED, "uuid-1")
    assert devices.choose_device("auto") == torch.device("cuda", 1)
    assert device_claims.claim(["uuid-1"], "another process", tmp_path).others == 0


def test_a_shared_gpu_is_said(two_gpus, tmp_path, capsys):
    others = [device_claims.claim(["uuid-0", "uuid-1"], f"process {number}", tmp_path) for number in range(3)]
    assert [other.index for other in others] == [0, 1, 0]
    assert devices.choose_device("auto") == torch.device("cuda", 1)
    message = capsys.readouterr().err
    assert "GPU 1 is shared with 1 other process(es)" in message and "--resources gpu=2" in message


def test_torchrun_with_more_processes_than_gpus(two_gpus, tmp_path, monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "2")
    siblings = [device_claims.claim(["uuid-0", "uuid-1"], f"torchrun {os.getppid()}", tmp_path) for _ in range(2)]
    assert {sibling.index for sibling in siblings} == {0, 1}
    with pytest.raises(ConfigError, match="lower train.processes"):
        devices.choose_device("cuda")
