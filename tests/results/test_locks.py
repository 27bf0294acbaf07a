"""A run belongs to one workflow at a time, and to nobody once that has ended, however it ended."""

import signal
import subprocess
import sys

import pytest

from hitsr.errors import ResultError
from hitsr.results import locks
from hitsr.results.layout import Layout

HOLD = """
import time
from hitsr.results import locks
from hitsr.results.layout import Layout
{}
print(flush=True)
time.sleep(60)
"""


@pytest.fixture
def layout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield Layout("mine")
    locks.give_back(Layout("mine"))


def holder(call: str) -> subprocess.Popen:
    """Another process, once it has the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD.format(call)], stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def test_a_second_workflow_is_told_who_has_the_run(layout):
    other = holder("locks.take(Layout('mine'))")
    assert locks.is_held(layout)
    with pytest.raises(ResultError, match=rf"run mine belongs to process {other.pid} of .* since 20..-"):
        locks.take(layout)
    locks.take(Layout("another"))
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert not locks.is_held(layout)
    locks.take(layout)
    locks.give_back(layout)
    assert not list(layout.results.iterdir()), "nothing of the locks is left"


def test_jobs_that_outlive_their_workflow_keep_the_run(layout):
    job = holder("locks.join(Layout('mine'))")
    with pytest.raises(ResultError, match="jobs of a workflow that was killed still run"):
        locks.take(layout)
    job.kill()
    job.wait()
    locks.take(layout)
