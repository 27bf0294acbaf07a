"""Interrupted trainings: the same bits as uninterrupted ones, refused with other settings, never half saved."""

import re
import signal
import subprocess
import time

import pytest
from common import advance, command, load_saved, rows, same, task, trained, trainer, weights

from hitsr.errors import CheckpointError, ResultError, TrainingError
from hitsr.training.schedule import learning_rate, same_until

LONG = {"iterations": 150, "ema": 0.9}
"""Long enough to be interrupted on any machine."""


def until_saved(folder, arguments):
    """The command in the background, up to the next state that it saves."""

    def saved():
        return path.stat().st_mtime_ns if path.exists() else 0

    path = folder / "run" / "state.pt"
    before = saved()
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    while saved() == before:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)
    return process


def test_killed_stopped_and_continued_equals_uninterrupted(data, tmp_path):
    """`kill -9`, a time limit and Ctrl-C: told to stop, it saves that very iteration, whether or not one was due."""
    arguments = command(tmp_path, data, "run", checkpoint_every=15, **LONG)
    killed = until_saved(tmp_path, arguments)
    killed.kill()
    killed.wait()
    assert not (tmp_path / "run" / "weights.safetensors").exists()
    for number in (signal.SIGTERM, signal.SIGINT):
        process = until_saved(tmp_path, arguments)
        process.send_signal(number)
        error = process.communicate()[1]
        assert process.returncode == 1 and "goes on from iteration" in error
        said = rf"stopped by {number.name} after iteration (\d+), which is saved; .* goes on from there"
        state = load_saved(tmp_path / "run")
        assert state["iteration"] == int(re.search(said, error)[1]) < 150
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"goes on from iteration {state['iteration']}" in done.stderr
    left = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert left == ["finished.pt", "history.json", "weights.safetensors"]
    subprocess.run(command(tmp_path, data, "whole", **LONG), check=True, capture_output=True)
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "run"))


SHORT = {"iterations": 40, "ema": 0.9, "checkpoint_every": 1, "validate_every": 10, "warm_up": 5}


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """Weights of a short training that nobody interrupts."""
    folder = tmp_path_factory.mktemp("whole")
    trained(task(data, folder, train=SHORT))
    return weights(folder)


@pytest.mark.parametrize("killed_at", [1, 7, 29, 30, 31])
def test_any_iteration(data, tmp_path, whole, killed_at):
    """Optimiser, schedule, drop path, order, crops, moving average and history, at and beside milestones and epochs."""
    first = trainer(task(data, tmp_path, train=SHORT))
    step = first.step

    def killed(*batch):
        if first.iteration == killed_at:
            raise KeyboardInterrupt
        return step(*batch)

    first.step = killed
    with pytest.raises(KeyboardInterrupt):
        first.fit()
    trained(task(data, tmp_path, train=SHORT))
    assert same(whole, weights(tmp_path))


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
    assert "code that the training depends on has changed" in message
    assert f"remove {path} to train anew" in message
    assert message.count(" was ") == 1 and path.exists()


def test_changed_code_is_named_by_file(data, tmp_path):
    before, after = ({"source_digest": key, "sources": {"hitsr/a.py": "0", "hitsr/b.py": key}} for key in "12")
    first = trainer(task(data, tmp_path, digests=before))
    first.save_state()
    with pytest.raises(CheckpointError) as refused:
        trainer(task(data, tmp_path, digests=after)).resume()
    assert "code hitsr/b.py has changed; undo" in str(refused.value) and "a.py" not in str(refused.value)


def test_other_training_images_are_refused(data, tmp_path):
    saved(data, tmp_path)
    with pytest.raises(CheckpointError, match=r"training_set \(digest of its images\) was"):
        trainer(task(data, tmp_path, training_set=data / "validation")).resume()


def test_where_and_how_it_runs_may_change(data, tmp_path):
    saved(data, tmp_path)
    free = {"checkpoint_every": 7, "validate_every": 7, "log_every": 7, "threads": 2}
    again = trainer(task(data, tmp_path, train={**free, "data_on_device": True, "device": "auto"}))
    again.resume()
    assert again.iteration == 3


@pytest.mark.parametrize("place", [0, 5, 14, 30, 78, 79, 500, -40])
def test_a_flipped_bit_in_a_state_is_refused(data, tmp_path, place):
    path = saved(data, tmp_path)
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"state.pt: .*remove it to train anew"):
        trainer(task(data, tmp_path)).resume()
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "not a saved state"),
        (b"hitsr-state-1 0\n", "saved by another version of this suite; finish the training with that version"),
        (b"PK\x03\x04", "saved by another version of this suite"),
    ],
)
def test_what_is_no_state_of_ours(data, tmp_path, content, found):
    (tmp_path / "state.pt").write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"state.pt: {found}.*remove it to train anew"):
        trainer(task(data, tmp_path)).resume()


def test_a_state_that_is_cut_short(data, tmp_path):
    path = saved(data, tmp_path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(CheckpointError, match=r"state.pt: the saved state is damaged .*remove it to train anew"):
        trainer(task(data, tmp_path)).resume()


PLAN = {"iterations": 20, "milestones": [0.5, 0.75], "validate_every": 5, "log_every": 1, "ema": 0.9}


@pytest.mark.parametrize(
    ("reached", "changes"),
    [
        (8, {"iterations": 30}),
        (8, {"milestones": [0.4, 0.9]}),
        (12, {"iterations": 30, "schedule_iterations": 20}),
        (12, {"milestones": [0.5], "iterations": 14, "schedule_iterations": 20}),
    ],
)
def test_going_on_with_another_plan_equals_training_anew(data, tmp_path, reached, changes):
    first = trainer(task(data, tmp_path / "on", train=PLAN))
    advance(first, reached)
    first.save_state()
    for folder in ("on", "anew"):
        trained(task(data, tmp_path / folder, train={**PLAN, **changes}))
    assert same(weights(tmp_path / "on"), weights(tmp_path / "anew"))
    assert rows(tmp_path / "on", "loss") == rows(tmp_path / "anew", "loss")


def test_a_plan_that_would_have_gone_otherwise_is_refused_with_the_way_out(data, tmp_path):
    first = trainer(task(data, tmp_path, train=PLAN))
    advance(first, 12)
    first.save_state()
    with pytest.raises(CheckpointError) as refused:
        trainer(task(data, tmp_path, train={**PLAN, "iterations": 30})).resume()
    message = str(refused.value)
    assert "train.iterations was 20, is 30; this moves milestones that it has passed" in message
    assert "set train.schedule_iterations: 20 to leave them where they were" in message
    with pytest.raises(CheckpointError, match="train.iterations is 10, which it has passed; give at least 12"):
        trainer(task(data, tmp_path, train={**PLAN, "iterations": 10, "schedule_iterations": 20})).resume()
    with pytest.raises(CheckpointError) as refused:
        trainer(task(data, tmp_path, train={**PLAN, "gamma": 0.1})).resume()
    assert "train.gamma was 0.5, is 0.1" in str(refused.value) and "schedule_iterations" not in str(refused.value)


def test_a_finished_training_goes_on_with_more_iterations(data, tmp_path, capsys):
    trained(task(data, tmp_path / "on", train=PLAN))
    longer = {**PLAN, "iterations": 30, "schedule_iterations": 20}
    trained(task(data, tmp_path / "on", train=longer))
    assert "goes on from iteration 20" in capsys.readouterr().err
    trained(task(data, tmp_path / "anew", train=longer))
    assert same(weights(tmp_path / "on"), weights(tmp_path / "anew"))
    for train, reason in (
        ({**longer, "iterations": 40, "schedule_iterations": None}, "set train.schedule_iterations: 20"),
        ({**longer, "iterations": 40, "learning_rate": 5e-4}, "train.learning_rate was 0.001, is 0.0005"),
    ):
        trainer(task(data, tmp_path / "on", train=train)).resume()
        said = capsys.readouterr().err
        assert "trains anew, as the one that reached iteration 30 had other settings" in said and reason in said
    path = tmp_path / "on" / "finished.pt"
    path.write_bytes(path.read_bytes()[:-9])
    trainer(task(data, tmp_path / "on", train={**longer, "iterations": 40})).resume()
    assert "finished.pt: the saved state is damaged" in capsys.readouterr().err


def test_schedules_are_compared_at_every_step():
    """Against a comparison of all steps."""
    base = {"iterations": 40, "schedule_iterations": None, "learning_rate": 1.0, "gamma": 0.5}
    plans = [
        {**base, "milestones": milestones, "warm_up": warm, "iterations": iterations, "learning_rate": rate}
        for milestones in ([], [0.5], [0.5, 0.8], [0.25])
        for warm in (0, 7, 30)
        for iterations in (40, 64)
        for rate in (1.0, 0.5)
    ]
    for one in plans:
        for other in plans:
            rates = [(learning_rate(one, step), learning_rate(other, step)) for step in range(64)]
            for until in (0, 1, 7, 16, 21, 40, 64):
                assert same_until(one, other, until) == all(a == b for a, b in rates[:until])


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
            signal.raise_signal(signal.SIGTERM)
        return step(*batch)

    last.step = told
    last.fit()
    assert last.iteration == 2 and not (tmp_path / "state.pt").exists()


def test_a_second_ctrl_c_acts_at_once(data, tmp_path):
    steps = trainer(task(data, tmp_path))

    def hanging(*batch):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("went on")

    steps.step = hanging
    # a shell starts what runs in its background with Ctrl-C ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            steps.fit()
    finally:
        signal.signal(signal.SIGINT, before)


def test_stopped_in_the_loop(data, tmp_path):
    steps = trainer(task(data, tmp_path))
    step = steps.step

    def told(*batch):
        if steps.iteration == 6:
            for _ in range(3):  # SLURM and torchrun repeat it
                signal.raise_signal(signal.SIGTERM)
        return step(*batch)

    steps.step = told
    with pytest.raises(TrainingError, match="stopped by SIGTERM after iteration 7"):
        steps.fit()
    assert load_saved(tmp_path)["iteration"] == 7
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
