"""What public checkpoints wrap their tensors in, and what is refused."""

import pytest
import safetensors.torch
import torch

import hitsr
from hitsr.checkpoints.loading import load_any
from hitsr.checkpoints.unwrapping import unwrap
from hitsr.errors import CheckpointError

SMALL = {"dim": 16, "depths": (2,), "heads": 2}
TENSORS = {"conv.weight": torch.ones(1), "conv.bias": torch.zeros(1)}


@pytest.mark.parametrize(
    "key", ["params", "params_ema", "state_dict", "model", "model_state_dict", "net_g", "generator", "ema"]
)
@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "generator.", "model.", "net_g.", "module._orig_mod."])
def test_wrappings_and_prefixes(key, prefix):
    inner = {prefix + name: tensor for name, tensor in TENSORS.items()}
    found = unwrap({key: inner, "epoch": 3, "optimizer": {"state": {}}}, TENSORS)
    assert found.tensors == TENSORS
    assert f"opened {key!r}" in found.steps
    assert all(f"removed '{part}.' from every name" in found.steps for part in prefix.split(".")[:-1])


def test_an_average_goes_before_the_weights_that_it_averages():
    other = {name: tensor + 1 for name, tensor in TENSORS.items()}
    found = unwrap({"params": other, "params_ema": TENSORS})
    assert found.tensors == TENSORS
    assert found.steps == ("opened 'params_ema', not 'params'",)


def test_nested_wrappings():
    assert unwrap({"model": {"state_dict": TENSORS}}).steps == ("opened 'model'", "opened 'state_dict'")


def test_a_prefix_that_is_the_networks_own_stays():
    own = {f"model.{name}": tensor for name, tensor in TENSORS.items()}
    assert unwrap(own, own).tensors == own
    assert unwrap({f"module.{name}": tensor for name, tensor in own.items()}, own).tensors == own


def test_a_prefix_of_some_names_stays():
    mixed = {"generator.weight": torch.ones(1), "discriminator.weight": torch.ones(1)}
    assert unwrap(mixed).tensors == mixed


def test_counters_of_a_profiler_are_passed_over():
    found = unwrap({**TENSORS, "total_ops": torch.zeros(1), "conv.total_params": torch.zeros(1)})
    assert found.tensors == TENSORS
    assert found.steps == ("passed over 2 counters such as 'total_ops'",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"generator": TENSORS, "model": TENSORS}, "several sets of weights .*'model', 'generator'"),
        ({"params_ema": TENSORS, "ema": TENSORS}, "several sets of weights"),
        ({"params": {"epoch": 3}}, "expected tensors by name.*'epoch': int"),
        ({**TENSORS, "epoch": 3}, "expected tensors by name.*'epoch': int"),
        ({}, "found nothing"),
        ([1, 2], "found list"),
    ],
)
def test_what_is_ambiguous_or_no_weights_is_refused(content, words):
    with pytest.raises(CheckpointError, match=words):
        unwrap(content)


def test_safetensors_of_an_official_layout(tmp_path, capsys):
    """As the mixin of Hugging Face's hub writes them."""
    model = hitsr.build("HiT-SIR", 2, window_ratios=[1, 2], **SMALL)
    official = {f"module.{name}": tensor for name, tensor in hitsr.to_official(model).items()}
    safetensors.torch.save_file(official, tmp_path / "model.safetensors", {"format": "pt"})
    loaded = load_any(tmp_path / "model.safetensors", "HiT-SIR", 2, {"window_ratios": [1, 2], **SMALL})
    assert torch.equal(loaded.state_dict()["shallow.weight"], model.state_dict()["shallow.weight"])
    assert "model.safetensors: removed 'module.' from every name" in capsys.readouterr().err
    with pytest.raises(CheckpointError, match="does not fit HiT-SRF x2: it seems to be HiT-SIR x2 with 16 channels"):
        load_any(tmp_path / "model.safetensors", "HiT-SRF", 2, SMALL)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tensor: tensor.to(torch.int8), "norm.weight holds int8 values instead of float32"),
        (lambda tensor: tensor > 0, "norm.weight holds bool values"),
        (lambda tensor: tensor * float("nan"), "norm.weight holds values that are not finite"),
        (lambda tensor: tensor / 0, "norm.weight holds values that are not finite"),
    ],
)
def test_weights_that_are_no_numbers_are_refused(change, words):
    model = hitsr.build("SwinIR-Light", 2, **SMALL)
    official = hitsr.to_official(model)
    with pytest.raises(CheckpointError, match=words):
        hitsr.load_official(model, {**official, "norm.weight": change(official["norm.weight"])})
    hitsr.load_official(model, {name: tensor.half() for name, tensor in official.items() if "index" not in name})
