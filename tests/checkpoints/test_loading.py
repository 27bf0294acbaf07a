"""Checkpoints: ours and the official ones; what does not fit is refused with what the file seems to be."""

import pickle
import resource

import pytest
import safetensors
import safetensors.torch
import torch
from conftest import TRANSFORMERS

import hitsr
from hitsr.checkpoints.file import read_metadata
from hitsr.checkpoints.loading import load_any
from hitsr.errors import CheckpointError, ResultError

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
    with pytest.raises(CheckpointError, match="fits no network of this suite .* unknown layout"):
        hitsr.load(tmp_path / "foreign.safetensors")
    with pytest.raises(CheckpointError, match="no such file"):
        hitsr.load(tmp_path / "absent.safetensors")
    torch.save({"a": torch.zeros(3)}, tmp_path / "b.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "b.pth").read_bytes()[:200])
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        load_any(tmp_path / "cut.pth", "HiT-SIR", 2, SMALL)


def test_what_is_no_file_of_weights(tmp_path):
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "page.pth").write_text("<html>Too many requests</html>")
    (tmp_path / "header.safetensors").write_bytes((2**62).to_bytes(8, "little") + b"{}")
    torch.save(torch.nn.Conv2d(3, 3, 1), tmp_path / "module.pth")
    for path, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "module.pth", r"holds more than tensors \(torch.nn.modules.conv.Conv2d\)"),
        (tmp_path / "empty.safetensors", "is empty"),
        (tmp_path / "page.pth", "not a readable checkpoint"),
        (tmp_path / "header.safetensors", "not a readable safetensors file"),
    ):
        for read in (hitsr.load, lambda path: load_any(path, "HiT-SIR", 2, SMALL)):
            with pytest.raises(CheckpointError, match=words) as refused:
                read(path)
            assert "\n" not in str(refused.value)


def rewritten(path, change=lambda tensors: tensors, **texts):
    """A file of before there were checksums, with other tensors and metadata."""
    with safetensors.safe_open(path, framework="pt") as file:
        metadata = {key: value for key, value in file.metadata().items() if key != "checksum"}
        tensors = change({name: file.get_tensor(name).clone() for name in file.keys()})  # noqa: SIM118
    path.write_bytes(safetensors.torch.save(tensors, {**metadata, **texts}))


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"options": "{"}, "its record cannot be read"),
        ({"options": "[]"}, "options that are no mapping"),
        ({"scale": "two"}, "its record cannot be read"),
        ({"scale": "7"}, "scale: expected one of 2, 3, 4"),
        ({"network": "RCAN"}, "unknown network 'RCAN'"),
        ({"options": '{"depths": [1000000]}'}, "too few for the network"),
        ({"options": '{"dim": 100000}'}, "too few for the network"),
        ({"options": '{"dim": 16, "depths": [2], "heads": 2, "ffn_ratio": 100000000000}'}, "cannot be built|too few"),
        ({"options": '{"dim": 16, "depths": [2], "heads": 2, "ffn_ratio": Infinity}'}, "cannot be built .*Overflow"),
        ({"options": '{"dim": 16, "depths": [2], "heads": 2, "window_ratios": [1e300]}'}, "cannot be built|too few"),
        ({"options": '{"dim": 16, "depths": "many", "heads": 2}'}, "depths: expected"),
        ({"options": '{"dim": 16, "depths": [1], "heads": 2}'}, "not those of the HiT-SIR .*layers.1"),
        ({"options": '{"dim": 16, "depths": [2], "heads": 2, "ffn_ratio": 1}'}, "not those of the HiT-SIR"),
    ],
)
def test_what_a_file_claims_is_compared_with_what_it_holds(tmp_path, texts, words):
    """And costs no memory."""
    hitsr.save(hitsr.build("HiT-SIR", 2, **SMALL), tmp_path / "a.safetensors")
    rewritten(tmp_path / "a.safetensors", **texts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CheckpointError, match=words) as refused:
        hitsr.load(tmp_path / "a.safetensors")
    assert "\n" not in str(refused.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 2**10


VALUES = [
    (lambda t: t.fill_(float("nan")), "norm.weight holds values that are not finite"),
    (lambda t: t.fill_(float("inf")), "norm.weight holds values that are not finite"),
    (lambda t: t.fill_(1e30), "norm.weight holds values of more than 1e"),
    (lambda t: t.to(torch.int8), "norm.weight holds int8 values instead of float32"),
    (lambda t: t > 0, "norm.weight holds bool values instead of float32"),
    (lambda t: t.to(torch.complex64), "norm.weight holds complex64 values instead of float32"),
    (lambda t: t.to(torch.float8_e4m3fn), "norm.weight holds float8_e4m3fn values instead of float32"),
]


@pytest.mark.parametrize(("change", "words"), VALUES)
@pytest.mark.parametrize("kind", ["ours", "official"])
def test_weights_that_cannot_be_computed_with(tmp_path, change, words, kind):
    model = hitsr.build("HiT-SIR", 2, **SMALL)
    if kind == "ours":
        hitsr.save(model, tmp_path / "a.safetensors")
        rewritten(tmp_path / "a.safetensors", lambda held: {**held, "norm.weight": change(held["norm.weight"])})
        with pytest.raises(CheckpointError, match=words):
            hitsr.load(tmp_path / "a.safetensors")
    else:
        state = hitsr.to_official(model)
        torch.save({**state, "norm.weight": change(state["norm.weight"])}, tmp_path / "a.pth")
        with pytest.raises(CheckpointError, match=words):
            load_any(tmp_path / "a.pth", "HiT-SIR", 2, SMALL)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_are_converted_and_it_is_said(tmp_path, capsys, dtype):
    model = hitsr.build("HiT-SIR", 2, **SMALL).to(dtype)
    hitsr.save(model, tmp_path / "a.safetensors")
    torch.save(hitsr.to_official(model), tmp_path / "a.pth")
    for loaded in (hitsr.load(tmp_path / "a.safetensors"), load_any(tmp_path / "a.pth", "HiT-SIR", 2, SMALL)):
        assert loaded.norm.weight.dtype == torch.float32
        assert torch.equal(loaded.conv.weight, model.conv.weight.float())
    told = capsys.readouterr().err
    assert told.count(f"converted from {str(dtype).removeprefix('torch.')} to float32") == 2


def test_a_flipped_bit_is_noticed_and_files_without_a_checksum_are_said(tmp_path, capsys):
    path = tmp_path / "a.safetensors"
    hitsr.save(hitsr.build("HiT-SIR", 2, **SMALL), path, {"seed": 3})
    whole = path.read_bytes()
    for place in (whole.index(b"seed"), len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(CheckpointError, match="checksum does not match; .*train it again"):
            hitsr.load(path)
    path.write_bytes(whole)
    assert hitsr.load(path) and not capsys.readouterr().err
    rewritten(path)
    assert hitsr.load(path)
    assert "a.safetensors: has no checksum" in capsys.readouterr().err


def test_equal_weights_make_equal_files(tmp_path):
    """Whatever process writes them: the checksum of a file says whether a training was the same."""
    model, contents = hitsr.build("HiT-SIR", 2, **SMALL), set()
    for number in range(8):
        path = tmp_path / f"{number}.safetensors"
        hitsr.save(model, path, {"iterations": 7, "seed": 1})
        model = hitsr.load(path)
        contents.add(path.read_bytes())
    assert len(contents) == 1


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
def test_official_weights_are_recognised(tmp_path, capsys, name):
    model = hitsr.build("HiT-SRF", 3)
    state = hitsr.to_official(model)
    if name == "a.pth":
        torch.save({"params": state}, tmp_path / name)
    else:
        safetensors.torch.save_file(state, tmp_path / name, {"format": "pt"})
    loaded = hitsr.load(tmp_path / name)
    assert (loaded.name, loaded.scale) == ("HiT-SRF", 3)
    assert torch.equal(loaded.conv.weight, model.conv.weight)
    assert f"{name}: recognised as HiT-SRF x3" in capsys.readouterr().err


def test_official_weights_of_another_size_say_what_they_seem_to_be(tmp_path):
    torch.save(hitsr.to_official(hitsr.build("SwinIR-Light", 2, **SMALL)), tmp_path / "a.pth")
    words = "fits no network of this suite .* seems to be SwinIR-Light x2 with 16 channels.*--network"
    with pytest.raises(CheckpointError, match=words):
        hitsr.load(tmp_path / "a.pth")


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
