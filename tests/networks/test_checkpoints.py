"""Checkpoints: ours and the official ones; what does not fit is refused with what the file seems to be."""

import pickle
import subprocess
import sys

import pytest
import safetensors.torch
import torch
from conftest import TRANSFORMERS

import hitsr
from hitsr.errors import CheckpointError, ResultError
from hitsr.networks.checkpoints import load_any
from hitsr.networks.weights_file import read_metadata

SMALL = {"dim": 16, "depths": (2,), "heads": 2}


def test_save_and_load(tmp_path):
    model = hitsr.build("HiT-SIR", 3, window_ratios=(1, 2), **SMALL)
    hitsr.save(model, tmp_path / "a.safetensors", {"iterations": 7})
    loaded = hitsr.load(tmp_path / "a.safetensors")
    assert (loaded.name, loaded.scale, loaded.options["window_ratios"]) == ("HiT-SIR", 3, [1, 2])
    assert not loaded.training
    assert read_metadata(tmp_path / "a.safetensors")["record"] == {"iterations": 7}
    for key, value in model.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[key])


def test_the_same_weights_are_the_same_file(tmp_path):
    """In every process: the checksum of a file says whether a training was the same."""
    model = hitsr.build("HiT-SIR", 2, **SMALL)
    hitsr.save(model, tmp_path / "a.safetensors", {"iterations": 7})
    again = "import hitsr, sys; m = hitsr.load(sys.argv[1]); hitsr.save(m, sys.argv[2], {'iterations': 7})"
    for name in ("b", "c"):
        subprocess.run([sys.executable, "-c", again, tmp_path / "a.safetensors", tmp_path / name], check=True)
    assert len({(tmp_path / name).read_bytes() for name in ("a.safetensors", "b", "c")}) == 1


@pytest.mark.parametrize("wrap", [lambda d: d, lambda d: {"params": d}, lambda d: {"params_ema": d, "params": {}}])
@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("buffers", [True, False])
def test_official_files(tmp_path, wrap, prefix, buffers):
    model = hitsr.build("SwinIR-NG", 2, **SMALL)
    state = {
        prefix + k: v for k, v in hitsr.to_official(model).items() if buffers or "index" not in k and "mask" not in k
    }
    torch.save(wrap(state), tmp_path / "a.pth")
    loaded = load_any(tmp_path / "a.pth", "SwinIR-NG", 2, SMALL)
    assert torch.equal(loaded.state_dict()["shallow.weight"], model.state_dict()["shallow.weight"])


OPTIONS = {name: {} if name == "ELAN-Light" else SMALL for name in TRANSFORMERS}


@pytest.mark.parametrize("holds", TRANSFORMERS)
def test_other_networks_are_refused_by_name(holds):
    state = hitsr.to_official(hitsr.build(holds, 2, **OPTIONS[holds]))
    for name in TRANSFORMERS:
        if name != holds:
            with pytest.raises(CheckpointError, match=f"does not fit {name} x2: it seems to be {holds} x2"):
                hitsr.load_official(hitsr.build(name, 2, **OPTIONS[name]), state)


def test_other_scales_shapes_and_layouts_are_refused(tmp_path):
    model = hitsr.build("HiT-SRF", 2, **SMALL)
    with pytest.raises(CheckpointError, match="seems to be HiT-SRF x4 with 16 channels"):
        hitsr.load_official(model, hitsr.to_official(hitsr.build("HiT-SRF", 4, **SMALL)))
    state = hitsr.to_official(model)
    del state["norm.weight"]
    with pytest.raises(CheckpointError, match="missing: norm.weight"):
        hitsr.load_official(model, state)
    with pytest.raises(CheckpointError, match="unknown layout"):
        hitsr.load_official(model, {"body.weight": torch.zeros(1)})
    with pytest.raises(CheckpointError, match="expected tensors by name"):
        hitsr.load_official(model, {"params": {"epoch": 3}})


def test_our_files_of_other_networks_are_refused(tmp_path):
    hitsr.save(hitsr.build("HiT-SIR", 2, **SMALL), tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match="holds HiT-SIR x2, expected HiT-SRF x4"):
        load_any(tmp_path / "a.safetensors", "HiT-SRF", 4, SMALL)
    with pytest.raises(CheckpointError, match="dim=16, expected 32"):
        load_any(tmp_path / "a.safetensors", "HiT-SIR", 2, {**SMALL, "dim": 32})


def test_damaged_and_foreign_files(tmp_path):
    hitsr.save(hitsr.build("HiT-SIR", 2, **SMALL), tmp_path / "a.safetensors")
    whole = (tmp_path / "a.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[:-100])
    with pytest.raises(CheckpointError, match="cut short"):
        hitsr.load(tmp_path / "cut.safetensors")
    safetensors.torch.save_file({"conv_first.weight": torch.zeros(1)}, tmp_path / "foreign.safetensors")
    with pytest.raises(CheckpointError, match="no record of the network"):
        hitsr.load(tmp_path / "foreign.safetensors")
    with pytest.raises(CheckpointError, match="no such file"):
        hitsr.load(tmp_path / "absent.safetensors")
    torch.save({"a": torch.zeros(3)}, tmp_path / "b.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "b.pth").read_bytes()[:200])
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        load_any(tmp_path / "cut.pth", "HiT-SIR", 2, SMALL)


class Malicious:
    def __reduce__(self):
        return (print, ("executed",))


def test_files_are_read_without_executing_anything(tmp_path, capsys):
    (tmp_path / "a.pth").write_bytes(pickle.dumps({"params": Malicious()}))
    with pytest.raises(CheckpointError):
        load_any(tmp_path / "a.pth", "HiT-SIR", 2, SMALL)
    assert "executed" not in capsys.readouterr().out


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    hitsr.save(hitsr.build("HiT-SIR", 2, **SMALL), path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(ResultError, match="No space left"):
        hitsr.save(hitsr.build("HiT-SIR", 2, **SMALL), path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
