"""Several processes under torchrun: the same training as one process with the same global batch."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import torch
from common import command, task, weights

from hitsr.errors import ConfigError
from hitsr.training.run import run

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def rows(folder, quantity):
    history = json.loads((folder / "history.json").read_text())
    return [row["value"] for row in history["rows"] if row["quantity"] == quantity]


@pytest.fixture(scope="module")
def both(data, tmp_path_factory):
    """One process, and two that were told to stop half way and went on; with drop path."""
    folder = tmp_path_factory.mktemp("both")
    settings = {"iterations": 60, "batch_size": 4, "log_every": 1, "checkpoint_every": 15}
    subprocess.run(command(folder, data, "one", **settings), check=True, capture_output=True)
    two = command(folder, data, "two", TORCHRUN, **settings)
    process = subprocess.Popen(two, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not (folder / "two" / "state.pt").exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)
    for _ in range(2):  # as SLURM does: to all processes, and again a moment later; torchrun sends it to its own, too
        os.killpg(process.pid, signal.SIGTERM)
        time.sleep(0.1)
    stopped = process.communicate(timeout=60)[1]
    goes_on = subprocess.run(two, capture_output=True, text=True)
    assert goes_on.returncode == 0, goes_on.stderr
    return folder, stopped, goes_on.stderr


def test_same_losses_and_weights(both):
    """To rounding at first; Adam lets it grow."""
    folder = both[0]
    one, two = (rows(folder / name, "loss") for name in ("one", "two"))
    assert len(one) == len(two) == 60
    assert one[:20] == pytest.approx(two[:20], rel=1e-4)
    assert one == pytest.approx(two, rel=2e-2)
    first, second = weights(folder / "one"), weights(folder / "two")
    assert all(torch.allclose(first[key], second[key], atol=5e-3) for key in first)
    assert rows(folder / "one", "validation_psnr") == pytest.approx(rows(folder / "two", "validation_psnr"), abs=0.01)


def test_all_stop_together_and_go_on(both):
    _, stopped, goes_on = both
    assert re.search(r"stopped by SIGTERM after iteration \d+, which is saved", stopped)
    assert goes_on.count("goes on from iteration") == 1


def test_a_batch_that_cannot_be_divided(data, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    with pytest.raises(ConfigError, match="train.batch_size: 2 patches cannot be divided among 4 processes"):
        run(task(data, tmp_path))
