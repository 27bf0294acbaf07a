"""Interrupted trainings: the same bits as uninterrupted ones, refused with other settings, never half saved."""

import os
import re
import signal
import subprocess
import time

import pytest
import torch
from common import advance, command, same, task, trainer, weights

from hitsr.errors import CheckpointError, ResultError, TrainingError
from hitsr.training.run import run


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """The command, uninterrupted, long enough to be interrupted on any machine."""
    folder = tmp_path_factory.mktemp("whole")
    subprocess.run(command(folder, data, "run", iterations=200, ema=0.9), check=True, capture_output=True)
    return weights(folder / "run")


def start(folder, data):
    """The command in the background, up to its first saved state."""
    arguments = command(folder, data, "run", iterations=200, ema=0.9, checkpoint_every=15)
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    wait_for(folder / "run" / "state.pt", process)
    return process


def wait_for(path, process):
    while not path.exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)


def finish(folder, data):
    done = subprocess.run(command(folder, data, "run", iterations=200, ema=0.9), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "goes on from iteration" in done.stderr
    assert sorted(path.name for path in (folder / "run").iterdir()) == ["history.json", "weights.safetensors"]
    return weights(folder / "run")


def test_killed_and_continued_equals_uninterrupted(data, tmp_path, whole):
    process = start(tmp_path, data)
    process.kill()
    process.wait()
    assert not (tmp_path / "run" / "weights.safetensors").exists()
    assert same(whole, finish(tmp_path, data))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_saves_and_goes_on(data, tmp_path, whole, number):
    """A time limit or Ctrl-C: the state is of that very iteration, whether or not one was due."""
    process = start(tmp_path, data)
    process.send_signal(number)
    error = process.communicate()[1]
    assert process.returncode == 1
    stopped = re.search(
        rf"stopped by {number.name} after iteration (\d+), which is saved; .* goes on from there", error
    )
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    assert state["iteration"] == int(stopped[1]) < 200
    assert same(whole, finish(tmp_path, data))


@pytest.mark.parametrize("killed_at", [1, 7, 29, 30, 31])
def test_any_iteration(data, tmp_path, killed_at):
    """Optimiser, schedule, drop path, order, crops, moving average and history, at and beside milestones and epochs."""
    settings = {"iterations": 40, "ema": 0.9, "checkpoint_every": 1, "validate_every": 10, "warm_up": 5}
    run(task(data, tmp_path / "whole", train=settings))
    first = trainer(task(data, tmp_path / "killed", train=settings))
    step = first.step

    def killed(*batch):
        if first.iteration == killed_at:
            raise KeyboardInterrupt
        return step(*batch)

    first.step = killed
    with pytest.raises(KeyboardInterrupt):
        first.fit()
    run(task(data, tmp_path / "killed", train=settings))
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "killed"))


def saved(data, folder):
    first = trainer(task(data, folder))
    advance(first, 3)
    first.save_state()
    return folder / "state.pt"


def test_other_settings_are_refused_with_the_difference(data, tmp_path):
    path = saved(data, tmp_path)
    changed = task(data, tmp_path, train={"learning_rate": 5e-4}, digests={"source_digest": "c"})
    with pytest.raises(CheckpointError) as refused:
        trainer(changed).resume()
    message = str(refused.value)
    assert "iteration 3" in message and "train.learning_rate was 0.001, is 0.0005" in message
    assert "source_digest was 'b', is 'c'" in message and f"remove {path} to train anew" in message
    assert message.count(" was ") == 2 and path.exists()


def test_other_training_images_are_refused(data, tmp_path):
    saved(data, tmp_path)
    with pytest.raises(CheckpointError, match=r"training_set \(digest of its images\) was"):
        trainer(task(data, tmp_path, training_set=data / "validation")).resume()


def test_where_and_how_it_runs_may_change(data, tmp_path):
    saved(data, tmp_path)
    again = trainer(task(data, tmp_path, train={"checkpoint_every": 7, "data_on_device": True, "device": "auto"}))
    again.resume()
    assert again.iteration == 3


def test_a_damaged_state_is_refused(data, tmp_path):
    path = saved(data, tmp_path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(CheckpointError, match=r"state.pt: the saved state cannot be read .*remove it to train anew"):
        trainer(task(data, tmp_path)).resume()


def test_a_full_disk_leaves_the_state_before(data, tmp_path, monkeypatch):
    """/dev/full gives the error of a full disk."""
    path = saved(data, tmp_path)
    before = path.read_bytes()
    second = trainer(task(data, tmp_path))
    second.resume()
    advance(second, 5)
    monkeypatch.setattr("pathlib.Path.with_name", lambda self, name: type(self)("/dev/full"))
    monkeypatch.setattr("pathlib.Path.unlink", lambda self, missing_ok=False: None)
    with pytest.raises(ResultError, match=r"state.pt: cannot be written \(No space left on device\)"):
        second.save_state()
    assert path.read_bytes() == before


def test_a_stop_in_the_last_iteration_is_no_stop(data, tmp_path):
    last = trainer(task(data, tmp_path, train={"iterations": 2}))
    step = last.step

    def told(*batch):
        if last.iteration == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(*batch)

    last.step = told
    last.fit()
    assert last.iteration == 2 and not (tmp_path / "state.pt").exists()


def test_a_second_ctrl_c_acts_at_once(data, tmp_path):
    steps = trainer(task(data, tmp_path))

    def hanging(*batch):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("went on")

    steps.step = hanging
    with pytest.raises(KeyboardInterrupt):
        steps.fit()


def test_stopped_in_the_loop(data, tmp_path):
    steps = trainer(task(data, tmp_path))
    step = steps.step

    def told(*batch):
        if steps.iteration == 6:
            for _ in range(3):  # SLURM and torchrun repeat it
                os.kill(os.getpid(), signal.SIGTERM)
        return step(*batch)

    steps.step = told
    with pytest.raises(TrainingError, match="stopped by SIGTERM after iteration 7"):
        steps.fit()
    assert torch.load(tmp_path / "state.pt", weights_only=True)["iteration"] == 7
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
