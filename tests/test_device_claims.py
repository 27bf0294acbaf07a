"""Real processes that claim devices: distinct ones, the least taken, free again when a process is killed."""

import json
import subprocess
import sys

import pytest

from hitsr.device_locks import claim
from hitsr.errors import ConfigError

CLAIM = """
import json, sys
from pathlib import Path
from hitsr.device_locks import claim
taken = claim(json.loads(sys.argv[2]), sys.argv[3], Path(sys.argv[1]))
print(json.dumps([taken.index, taken.others]), flush=True)
sys.stdin.read()
"""


class Process:
    """A process that has claimed one of `devices` and keeps it until it ends."""

    def __init__(self, folder, devices, group):
        command = [sys.executable, "-c", CLAIM, str(folder), json.dumps(devices), group]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def taken(self) -> list[int]:
        """Number of the device, and of those who had it before."""
        return json.loads(self.process.stdout.readline())

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start(tmp_path):
    """Starts processes at the same time; they are killed after the test."""
    started = []

    def start(*groups, devices=("GPU-a", "GPU-b")):
        processes = [Process(tmp_path / "locks", list(devices), group) for group in groups]
        started.extend(processes)
        return processes

    yield start
    for process in started:
        process.kill()


def test_processes_get_distinct_devices(start):
    processes = start("1", "2", "3", "4", devices=["GPU-a", "GPU-b", "GPU-c", "GPU-d"])
    assert sorted(process.taken() for process in processes) == [[0, 0], [1, 0], [2, 0], [3, 0]]


def test_a_killed_process_leaves_its_device(start):
    first, second = start("1", "2")
    taken = first.taken(), second.taken()
    first.kill()
    (third,) = start("3")
    assert third.taken() == taken[0]


def test_when_all_are_taken_they_are_shared_evenly(start):
    processes = start("1", "2", "3", "4", "5")
    taken = [process.taken() for process in processes]
    assert sorted(others for _, others in taken) == [0, 0, 1, 1, 2]
    assert {index for index, others in taken if others == 1} == {0, 1}


def test_names_count_and_not_numbers(start):
    """As under another CUDA_VISIBLE_DEVICES: the same GPU has another number."""
    (first,) = start("1", devices=["GPU-a", "GPU-b"])
    assert first.taken() == [0, 0]
    (second,) = start("2", devices=["GPU-b", "GPU-a"])
    assert second.taken() == [0, 0]
    (third,) = start("3", devices=["GPU-b"])
    assert third.taken() == [0, 1]


def test_processes_of_one_training_never_share(start, tmp_path):
    other, *training = start("other"), *start("torchrun 7", "torchrun 7")
    assert other[0].taken() and sorted(process.taken()[0] for process in training) == [0, 1]
    with pytest.raises(ConfigError, match="2 CUDA devices are visible, and each has a process of this training"):
        claim(["GPU-a", "GPU-b"], "torchrun 7", tmp_path / "locks")


def test_a_folder_of_someone_else(tmp_path):
    (tmp_path / "locks").write_text("")
    with pytest.raises(ConfigError, match="locks that keep processes on different GPUs cannot be written"):
        claim(["GPU-a"], "1", tmp_path / "locks")
