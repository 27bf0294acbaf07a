"""Building networks: options, initial weights, and messages for what does not fit."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from conftest import TRANSFORMERS

import hitsr
from hitsr.errors import InputError, OptionError
from hitsr.networks.backbone import DropPath
from hitsr.networks.registry import find, network_options


def test_importing_does_not_import_torch():
    code = "import sys, hitsr; hitsr.methods(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_catalogue_is_the_papers(shared):
    import pandas as pd

    printed = pd.read_csv(shared / "paper" / "table2.csv").method
    assert set(printed) - set(hitsr.list_networks()) == {"GASSL-B"}


@pytest.mark.parametrize("name", hitsr.list_networks())
def test_options_are_recorded_and_found_without_importing(name):
    model = hitsr.build(name, 2, implementation="reference")
    assert (model.name, model.scale) == (name, 2)
    assert model.options == network_options(name)
    assert set(find(name).signature.options) == set(network_options(name))


@pytest.mark.parametrize(
    ("name", "scale", "options", "words"),
    [
        ("HiT-SIX", 2, {}, ["HiT-SIX", "HiT-SIR"]),
        ("HiT-SIR", 5, {}, ["scale", "2, 3, 4", "5"]),
        ("HiT-SIR", "2", {}, ["scale", "'2'"]),
        ("HiT-SIR", 2, {"window": 8}, ["window", "window_ratios"]),
        ("SwinIR-NG", 2, {"depth": 8}, ["depth", "depths"]),
        ("HiT-SIR", 2, {"window_ratios": (1.5,)}, ["12", "base_window=8"]),
        ("HiT-SIR", 2, {"window_ratios": ()}, ["window_ratios"]),
        ("HiT-SIR", 2, {"window_ratios": (0.01,)}, ["window"]),
        ("HiT-SIR", 2, {"heads": 7}, ["heads", "60", "1, 2, 3, 5, 6"]),
        ("SwinIR-Light", 2, {"heads": 0}, ["heads", "0"]),
        ("SwinIR-Light", 2, {"dim": -60}, ["dim"]),
        ("SwinIR-Light", 2, {"depths": ()}, ["depths"]),
        ("SwinIR-Light", 2, {"depths": (0,)}, ["depths"]),
        ("SwinIR-Light", 2, {"drop_path": 1.5}, ["drop_path"]),
        ("SwinIR-Light", 2, {"ffn_ratio": 0.001}, ["ffn_ratio"]),
        ("SwinIR-Light", 2, {"formulation": "quick"}, ["plain, fast", "quick"]),
        ("ELAN-Light", 2, {"implementation": "quick"}, ["reference, fixed_size, optimized", "quick"]),
        ("ELAN-Light", 2, {"windows": (4, 8, 16, 32, 7, 9, 11)}, ["windows"]),
        ("SRFormer-Light", 2, {"window": 9}, ["window", "9"]),
        ("HiT-SIR", 2, {"dim": 12, "heads": 2}, ["dim", "16"]),
        ("HiT-SIR", 2, {"reduction": 61}, ["reduction", "61"]),
    ],
)
def test_what_does_not_fit_is_explained(name, scale, options, words):
    with pytest.raises(OptionError) as caught:
        hitsr.build(name, scale, **options)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["SwinIR-Light", "HiT-SRF", "ELAN-Light"])
def test_bad_images_are_explained(name):
    model = hitsr.build(name, 2)
    for wrong, word in [
        (torch.rand(1, 1, 8, 8), "three channels"),
        (torch.rand(3, 8, 8), "(3, 8, 8)"),
        (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), "uint8"),
        (torch.zeros(1, 3, 8, 8, dtype=torch.double), "float64"),
        (torch.rand(1, 3, 0, 8), "H, W >= 1"),
        (np.zeros((1, 3, 8, 8)), "ndarray"),
    ]:
        with pytest.raises(InputError, match=word.replace("(", r"\(").replace(")", r"\)")):
            model(wrong)
    with pytest.raises(InputError, match="float64"):
        hitsr.upscale(model, np.zeros((8, 8, 3)))


def test_upscale_is_the_network_rounded():
    model = hitsr.build("HiT-SIR", 2).train()
    image = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    found = hitsr.upscale(model, image)
    assert model.training
    with torch.no_grad():
        y = model.eval()(torch.from_numpy(image).permute(2, 0, 1)[None] / 255)[0].permute(1, 2, 0)
    exact = np.clip(y.numpy() * 255, 0, 255)
    # what lies half-way between two levels may be rounded either way
    assert np.abs(found - exact).max() < 0.5 + 1e-3


@pytest.mark.parametrize("name", [n for n in TRANSFORMERS if n != "ELAN-Light"])
def test_initial_weights(name):
    """Linear weights N(0, 0.02), their biases 0; convolutions within PyTorch's uniform bounds."""
    torch.manual_seed(0)
    model = hitsr.build(name, 2)
    linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    weights = torch.cat([m.weight.flatten() for m in linear])
    assert abs(weights.std() - 0.02) < 2e-4
    assert not any(m.bias.any() for m in linear)
    for conv in (m for m in model.modules() if isinstance(m, torch.nn.Conv2d)):
        bound = conv.weight[0].numel() ** -0.5
        assert conv.weight.abs().max() <= bound
        assert conv.weight.abs().max() > 0.5 * bound
    for key, table in model.named_parameters():
        if key.endswith("bias_table"):
            assert 0.005 < table.std() < 0.03


def test_drop_path():
    rates = [m.rate for m in hitsr.build("SwinIR-Light", 2).modules() if isinstance(m, DropPath)]
    assert rates == pytest.approx(list(np.linspace(0, 0.1, 24)))
    assert not any(m.rate for m in hitsr.build("HiT-SIR", 2).modules() if isinstance(m, DropPath))
    torch.manual_seed(0)
    dropped = DropPath(0.25).train()(torch.ones(1000, 2, 2))
    assert dropped.unique().tolist() == pytest.approx([0, 4 / 3])
    assert dropped.flatten(1).std(dim=1).max() == 0
    assert abs((dropped[:, 0, 0] == 0).float().mean() - 0.25) < 0.05
