"""Worker processes: what a network prints, returns, raises, and how it ends; one clear line each, and no orphans."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from hitsr.measure.time import process
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.process import WorkerError, worker

FILE = Path(__file__).with_name("misbehaving.py")
SETTING = Setting(2, warm_up=0, repeats=1, threads=1, device="cpu")


def of(how: str, network: str = "Nearest", **options) -> Contestant:
    return Contestant("Mine", f"{FILE}:{network}", {"how": how, **options} if how else {}, "reference")


def failure(contestant: Contestant, setting: Setting = SETTING) -> WorkerError:
    with pytest.raises(WorkerError) as caught, worker(contestant, setting) as one:
        one.memory((12, 8))
    text = str(caught.value)
    assert text.startswith("Mine (reference, eager): ") and "\n" not in text
    return caught.value


def test_what_a_network_prints_does_not_disturb():
    """Megabytes on both streams, also what looks like an answer."""
    with worker(of("loud"), SETTING) as one:
        assert one.memory((12, 8)).peak is not None
        assert one.time((12, 8)) > 0.01


@pytest.mark.parametrize(
    ("how", "kind", "words"),
    [
        ("several", "error", "memory at 12x8: gives a tuple of 2 instead of one tensor"),
        ("raising", "error", "KeyError: 'colours\\nof the rainbow' ("),
        ("greedy", "memory", "allocate"),
        ("crashing", "lost", "ended by SIGSEGV; its last words: Segmentation fault in crashing ("),
        ("killed", "killed", "was killed, perhaps for want of memory; its last words: my time has come"),
        ("leaving", "lost", "ended with status 3; its last words: no more of this"),
    ],
)
def test_what_fails_is_one_line_that_names_the_network(how, kind, words):
    error = failure(of(how))
    assert (error.kind, error.contestant.method) == (kind, "Mine")
    assert words in str(error), str(error)
    assert how != "raising" or f"{FILE}:" in str(error)


def test_a_network_that_cannot_be_imported_is_named():
    error = failure(of("", "Absent"))
    assert "building: " in str(error) and "a_package_that_is_not_there" in str(error)


def test_a_network_that_takes_too_long_is_given_up_and_says_where_it_is(monkeypatch):
    monkeypatch.setattr(process, "TICK", 0.2)
    error = failure(of("busy"), Setting(2, 0, 1, 1, "cpu", timeout=8))
    assert error.kind == "lost" and "no answer within 8 s; raise latency.timeout" in str(error)
    assert f"busy ({FILE}:" in str(error)


def test_a_network_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(process, "TICK", 0.2)
    monkeypatch.setattr(process, "STILL", 6.0)
    error = failure(of("sleeping"))
    assert "hangs: it has used no processor for 6 s" in str(error) and f"sleeping ({FILE}:" in str(error)


ASKING = """
import sys
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.process import worker
with worker(Contestant("Mine", sys.argv[1], {"how": sys.argv[2]}), Setting(2, 0, 1, 1, "cpu")) as one:
    print(one._process.pid, flush=True)
    one.memory((12, 8))
    sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["well", "busy"])
def test_no_worker_outlives_the_process_that_asks(how):
    """Killed at once, idle or in the middle of a pass."""
    command = [sys.executable, "-c", ASKING, f"{FILE}:Nearest", how]
    asking = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    one = psutil.Process(int(asking.stdout.readline()))
    time.sleep(0.3)
    assert one.is_running()
    os.kill(asking.pid, signal.SIGKILL)
    asking.communicate()
    gone, left = psutil.wait_procs([one], timeout=10)
    assert gone and not left
