"""Training: the same weights whether killed or not, the paper's schedule, and transfer to other scales."""

import os
import signal
import subprocess
import sys
import time

import pytest
import torch
import yaml

import hitsr
from hitsr.checkpoints import load, read_metadata
from hitsr.data.prepare import prepare
from hitsr.errors import CheckpointError, TrainingError
from hitsr.train import Task, Trainer, learning_rate, run, transfer

OPTIONS = {"dim": 16, "depths": [2], "heads": 2}
TRAIN = {
    "iterations": 60, "batch_size": 1, "patch_size": 16, "learning_rate": 1e-3, "betas": [0.9, 0.99],
    "milestones": [0.5], "gamma": 0.5, "warm_up": 0, "start_from_x2": True, "validate_every": 30, "log_every": 10,
    "checkpoint_every": 15, "threads": 1, "device": "cpu",
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for scale in (2, 3):
        prepare({"photographs": ["coffee"], "rows": [0, 0.3]}, "train", scale, folder / "train")
        prepare({"photographs": ["coffee"], "rows": [0.3, 0.5]}, "validation", scale, folder / "validation")
    return folder


def task(data, folder, **changes):
    settings = {
        "method": "SwinIR-Light", "network": "SwinIR-Light", "options": OPTIONS, "scale": 2, "seed": 0, "train": TRAIN,
        "training_set": data / "train", "validation_set": data / "validation", "folder": folder,
        "digests": {"config_digest": "a", "source_digest": "b"},
    }  # fmt: skip
    return Task(**{**settings, **changes})


def weights(folder):
    return load(folder / "weights.safetensors").state_dict()


def test_killed_and_continued_equals_uninterrupted(data, tmp_path):
    """`kill -9` of the real command, with drop path, whose random draws must not depend on the interruption."""
    config = {
        "methods": {"SwinIR-Light": {"options": OPTIONS}},
        "datasets": {"train": {"photographs": ["coffee"]}, "validation": {"photographs": ["coffee"]}},
        "training_set": "train",
        "validation_set": "validation",
        "train": {**TRAIN, "iterations": 240},
        "report": {"tables": [], "figures": ["training"]},
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    for name in ("killed", "whole"):
        base = [sys.executable, "-c", "from hitsr.cli import main; main()", "train", "--method", "SwinIR-Light"]
        base += ["--scale", "2", "--data", str(data), "--folder", str(tmp_path / name)]
        command = [*base, "--config", str(tmp_path / "config.yaml")]
        if name == "killed":
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            while not (tmp_path / name / "state.pt").exists():
                assert process.poll() is None
                time.sleep(0.005)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            assert not (tmp_path / name / "weights.safetensors").exists()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert ("goes on from iteration" in done.stderr) == (name == "killed")
    killed, whole = (weights(tmp_path / name) for name in ("killed", "whole"))
    assert all(torch.equal(killed[key], whole[key]) for key in whole)
    assert list((tmp_path / "killed").glob("state*")) == []


def test_training_learns_and_is_recorded(data, tmp_path):
    run(task(data, tmp_path))
    import json

    history = json.loads((tmp_path / "history.json").read_text())
    losses = [row["value"] for row in history["rows"] if row["quantity"] == "loss"]
    psnr = [row for row in history["rows"] if row["quantity"] == "validation_psnr"]
    assert losses[-1] < 0.6 * losses[0]
    assert [row["iteration"] for row in psnr] == [30, 60]
    seconds = [row["value"] for row in history["rows"] if row["quantity"] == "training_time"]
    assert 0 < seconds[0] < seconds[1] < history["provenance"]["duration_s"]
    assert read_metadata(tmp_path / "weights.safetensors")["record"]["iterations"] == 60


def test_state_of_another_configuration_is_set_aside(data, tmp_path, capsys):
    first = Trainer(task(data, tmp_path), hitsr.build("SwinIR-Light", 2, **OPTIONS), torch.device("cpu"))
    first.step()
    first.save_state()
    other = task(data, tmp_path, digests={"config_digest": "c", "source_digest": "b"})
    second = Trainer(other, hitsr.build("SwinIR-Light", 2, **OPTIONS), torch.device("cpu"))
    second.resume()
    assert second.iteration == 0
    assert "another configuration" in capsys.readouterr().err
    assert (tmp_path / "state-unused.pt").exists()


def test_a_damaged_state_is_set_aside(data, tmp_path, capsys):
    (tmp_path / "state.pt").write_bytes(b"half a file")
    trainer = Trainer(task(data, tmp_path), hitsr.build("SwinIR-Light", 2, **OPTIONS), torch.device("cpu"))
    trainer.resume()
    assert trainer.iteration == 0
    assert "training starts anew" in capsys.readouterr().err


def test_a_loss_that_is_not_finite_stops(data, tmp_path):
    model = hitsr.build("SwinIR-Light", 2, **OPTIONS)
    torch.nn.init.constant_(model.shallow.weight, float("nan"))
    with pytest.raises(TrainingError, match=r"nan at iteration 0; lower train.learning_rate"):
        Trainer(task(data, tmp_path), model, torch.device("cpu")).step()


def test_learning_rate_of_the_paper():
    train = {
        "iterations": 500_000,
        "learning_rate": 5e-4,
        "milestones": [0.5, 0.8, 0.9, 0.95],
        "gamma": 0.5,
        "warm_up": 0,
    }
    steps = {0: 1, 249_999: 1, 250_000: 2, 400_000: 4, 450_000: 8, 475_000: 16, 499_999: 16}
    assert {step: round(5e-4 / learning_rate(train, step)) for step in steps} == steps
    assert learning_rate({**train, "warm_up": 10}, 4) == pytest.approx(2.5e-4)


def test_transfer_keeps_all_but_the_upsampler(tmp_path):
    source, target = hitsr.build("HiT-SIR", 2, **OPTIONS), hitsr.build("HiT-SIR", 3, **OPTIONS)
    upsampler = target.upsample.conv.weight.clone()
    hitsr.save(source, tmp_path / "x2.safetensors")
    transfer(target, tmp_path / "x2.safetensors")
    assert torch.equal(target.groups[0].conv.weight, source.groups[0].conv.weight)
    assert torch.equal(target.upsample.conv.weight, upsampler)
    with pytest.raises(CheckpointError, match="cannot start from"):
        transfer(hitsr.build("HiT-SRF", 3, **OPTIONS), tmp_path / "x2.safetensors")
