"""A run belongs to one workflow at a time, and to nobody once that has ended, however it ended."""

import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from hitsr.cli import app
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


def test_a_run_is_removed_whole_but_not_while_a_workflow_works_on_it(layout, tmp_path):
    for file in (layout.measurements, layout.page, layout.log("collect"), tmp_path / "results/another/x.csv"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    other = holder("locks.take(Layout('mine'))")
    refused = CliRunner().invoke(app, ["clean", "mine", "--yes"])
    assert "belongs to process" in str(refused.exception)
    other.kill()
    other.wait()
    assert CliRunner().invoke(app, ["clean", "mine", "--yes"]).exit_code == 0
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["another"]
    assert not list((tmp_path / "reports").iterdir())
    assert CliRunner().invoke(app, ["clean", "..", "--yes"]).exit_code == 1
