"""Counters against each other and against closed forms."""

from pathlib import Path

import pytest
import torch
from conftest import TRANSFORMERS
from fvcore.nn import ActivationCountAnalysis
from torch import nn

import hitsr
from hitsr.analysis.published import conventions, printed
from hitsr.errors import ResultError
from hitsr.measure.count import ptflops
from hitsr.measure.count.conventions import by_layers, parameters_of_layers
from hitsr.measure.count.counters import by_fvcore, by_shapes, by_torch
from hitsr.measure.count.ptflops import by_ptflops_aten, by_ptflops_hooks
from hitsr.measure.count.run import count, published_size

BARE = f"{Path(__file__).with_name('misbehaving.py')}:Nearest"
SMALL = {"dim": 32, "depths": (3,), "heads": 2}
OPTIONS = {name: {"blocks": 2} if name == "ELAN-Light" else SMALL for name in TRANSFORMERS}


def norm_elements(model: nn.Module, image: torch.Tensor) -> int:
    """What fvcore counts for norms: 5 per element of a LayerNorm's input, 2 of a BatchNorm's."""
    total = 0

    def note(module, inputs, _):
        nonlocal total
        total += inputs[0].numel() * (5 if isinstance(module, nn.LayerNorm) else 2)

    for module in model.modules():
        if isinstance(module, nn.LayerNorm | nn.BatchNorm2d):
            module.register_forward_hook(note)
    model(image)
    return total


@pytest.mark.parametrize("name", TRANSFORMERS)
@torch.no_grad()
def test_fvcore_is_torch_plus_norms(name):
    model = hitsr.build(name, 2, implementation="reference", **OPTIONS[name]).eval()
    image = torch.zeros(1, 3, 20, 33)
    fvcore, activations = by_fvcore(model, image)
    assert activations == ActivationCountAnalysis(model, image).unsupported_ops_warnings(False).total()
    torch_count = by_torch(model, image)
    assert any("softmax" in op for op in torch_count.left_out) == (not name.startswith("HiT-S") or name == "HiT-SNG")
    assert fvcore.macs == torch_count.macs + norm_elements(model, image)
    assert (fvcore.macs, activations) == by_shapes(model, image)


@pytest.mark.parametrize("name", hitsr.list_networks())
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_published_sizes_are_the_printed_ones(name, scale):
    """Every complexity figure of Table 2 to its last digit, but those that were printed by another counter."""
    rows = {row["quantity"]: row["value"] for row in published_size(name, scale, (1280, 720))}
    if (name, scale, "parameters") not in conventions() or name == "ELAN-Light":
        assert round(rows["parameters_published_size"] / 1e3) == printed(name, scale, "params_k")
    equal = round(rows["macs_published_size"] / 1e9, 1) == printed(name, scale, "flops_g")
    assert equal == ((name, scale, "macs") not in conventions())


@torch.no_grad()
def test_one_convolution_in_closed_form():
    model = hitsr.build("SwinIR-Light", 2, implementation="reference", **SMALL).eval()
    image = torch.zeros(1, 3, 16, 24)
    aten, hooks, plain = by_ptflops_aten(model, image), by_ptflops_hooks(model, image), by_torch(model, image)
    windows, tokens, layers = 2 * 3, 64, 3
    products = 2 * layers * windows * tokens * tokens * SMALL["dim"]
    pixels, dim = 16 * 24, SMALL["dim"]
    linear = layers * pixels * dim * dim * (3 + 1 + 2 + 2)
    convolutions = pixels * 9 * (3 * dim + 2 * dim * dim + 12 * dim)
    assert plain.macs == linear + convolutions + products
    assert plain.macs < aten.macs < 1.02 * plain.macs, "ptflops adds the biases"
    assert linear + convolutions < hooks.macs < 1.1 * (linear + convolutions), "hooks miss the products of attention"
    assert "Tensor.matmul" in hooks.left_out


def test_rows_of_a_measurement():
    counted = count("ELAN-Light", 3, {"blocks": 1}, (100, 50))
    values = {row["quantity"]: row["value"] for row in counted["rows"]}
    model = hitsr.build("ELAN-Light", 3, blocks=1)
    assert values["parameters"] == sum(p.numel() for p in model.parameters())
    assert values["parameters_frozen"] == sum(p.numel() for p in model.parameters() if not p.requires_grad) > 0
    assert {row["input"] for row in counted["rows"] if "input" in row} == {"34x17", "33x16"}
    assert {row["quantity"] for row in counted["rows"] if row.get("input") == "33x16"} == {
        "macs_fvcore_floor", "macs_torch_floor", "macs_layers_floor"
    }  # fmt: skip
    assert values["macs_fvcore"] > values["macs_fvcore_floor"] > values["macs_torch_floor"]
    assert set(counted["left_out"]) == {"fvcore", "torch", "ptflops_pytorch", "ptflops_aten"}


@torch.no_grad()
def test_layers_alone_are_what_thop_counts():
    """Omni-SR's printed parameters (780 K) are thop's, which knows no embedding, norm of its own or temperature."""
    omni, imdn = (hitsr.build(name, scale).eval() for name, scale in (("Omni-SR", 3), ("IMDN", 4)))
    assert (parameters_of_layers(omni), sum(p.numel() for p in omni.parameters())) == (780_379, 793_259)
    pooling = 1000 * 64 * 6
    image = torch.zeros(1, 3, 25, 40)
    assert by_layers(imdn, image) == by_torch(imdn, image).macs == by_fvcore(imdn, image)[0].macs - pooling


@torch.no_grad()
@pytest.mark.parametrize("name", ["ELAN-Light", "HiT-SIR", "SwinIR-NG"])
def test_ptflops_counts_without_values_as_in_a_run(name, monkeypatch):
    """An image larger than the corner that decides whether the hooks can; where they cannot, as HiT-SIR, it runs."""
    model, image = hitsr.build(name, 2, **OPTIONS[name], implementation="reference").eval(), torch.zeros(1, 3, 41, 46)
    assert type(ptflops.without_values(model, image)[1]) is not torch.Tensor
    without = by_ptflops_aten(model, image), by_ptflops_hooks(model, image)
    monkeypatch.setattr(ptflops, "without_values", lambda *both: both)
    assert without == (by_ptflops_aten(model, image), by_ptflops_hooks(model, image))


def test_a_bare_network_is_counted():
    """Without any declaration, also where it cannot run on shapes alone because it looks at values."""
    for how in ("well", "looking"):
        counted = count(BARE, 2, {"how": how}, (32, 24))
        values = {row["quantity"]: row["value"] for row in counted["rows"]}
        assert values["parameters"] == 1 + 3 * 27 + 3
        assert values["macs_fvcore"] == values["macs_torch"] == 32 * 24 * 3 * 27, how


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("several", "Mine x2: gives a tuple of 2 instead of one tensor"),
        ("larger", r"Mine x2: gives \(1, 3, 24, 33\) for an input of \(1, 3, 12, 16\) at x2"),
        ("nothing", "Mine x2: gives values that are not finite"),
        ("raising", r"Mine x2: KeyError: .*colours.*misbehaving.py:\d+\)"),
        ("greedy", "Mine x2: RuntimeError: .*allocate memory"),
    ],
)
def test_a_network_that_fails_is_named_in_one_line(how, words):
    with pytest.raises(ResultError, match=words) as caught:
        count(BARE, 2, {"how": how}, (32, 24), who="Mine")
    assert "\n" not in str(caught.value)


@torch.no_grad()
def test_a_published_figure_by_fvcore():
    """At full size; other networks take minutes (`make complexity`), and by shapes seconds (above)."""
    model = hitsr.build("ELAN-Light", 4, implementation="reference").eval()
    assert by_fvcore(model, torch.zeros(1, 3, 180, 320))[0].macs / 1e9 == pytest.approx(53.724, abs=5e-4)
