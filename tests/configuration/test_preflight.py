"""Before the first job: what is wrong with networks, weights, papers, images and places is said in one go."""

import shutil
import textwrap

import numpy as np
import pytest
import yaml
from conftest import ROOT
from PIL import Image
from typer.testing import CliRunner

from hitsr import build, cli, save
from hitsr.configuration import resolve
from hitsr.configuration.preflight import preflight

SMALL = {"dim": 16, "depths": [1], "heads": 1}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that the run starts in, with two data sets and weights."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for name, sizes in {"train": [(64, 48), (50, 70)], "test": [(40, 30), (32, 64)]}.items():
        (tmp_path / name).mkdir()
        for i, (width, height) in enumerate(sizes):
            Image.fromarray(random.integers(0, 256, (height, width, 3), np.uint8)).save(tmp_path / name / f"im{i}.png")
    save(build("SwinIR-Light", 2, **SMALL), "swin.safetensors")
    return tmp_path


def wrong(**keys):
    """What preflight finds wrong with a run that is right but for `keys`."""
    raw = {
        "methods": {"Bicubic": {}, "HiT-SIR": {"options": SMALL}},
        "datasets": {"a": {"folder": "train"}, "b": {"folder": "test"}},
        "training_set": "a",
        "test_sets": ["b"],
        "train": {"patch_size": 16},
        **keys,
    }
    return preflight(resolve(raw)).wrong


def test_nothing_is_wrong(folder):
    assert wrong() == []
    method = {"SwinIR-Light": {"options": SMALL, "weights": {"2": "swin.safetensors"}}}
    assert wrong(methods=method) == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            {"methods": {"HiT-SIR": {"options": {"dim": 7}}}},
            ["config.methods.HiT-SIR: heads: expected 2 * heads to divide dim"],
        ),
        (
            {"methods": {"HiT-SIR": {"options": {**SMALL, "window_ratios": "wide"}}}},
            ["config.methods.HiT-SIR.options."],
        ),
        (
            {"methods": {"HiT-SIR": {"options": SMALL, "weights": {"2": "swin.safetensors"}}}},
            ["config.methods.HiT-SIR.weights.2: swin.safetensors: holds SwinIR-Light x2, expected HiT-SIR x2"],
        ),
        (
            {"methods": {"SwinIR-Light": {"options": SMALL, "weights": {"3": "swin.safetensors"}}}, "scales": [3]},
            ["weights.3: swin.safetensors: holds SwinIR-Light x2, expected SwinIR-Light x3"],
        ),
        (
            {"methods": {"SwinIR-Light": {"options": {**SMALL, "dim": 32}, "weights": {"2": "swin.safetensors"}}}},
            ["weights.2: swin.safetensors: was trained with dim=16, expected 32"],
        ),
        ({"methods": {"Bicubic": {"cite": "keys1981cubik"}}}, ["config.methods.Bicubic.cite: unknown paper"]),
        (
            {"train": {"patch_size": 25}},
            ["train/im0.png: 64x48 pixels, but patches of 25 pixels at x2 (HiT-SIR) need 50"],
        ),
        (
            {"report": {"crops": [{"dataset": "b", "image": "im9"}]}},
            ["config.report.crops.0.image: unknown image of b 'im9'; did you mean"],
        ),
        (
            {"report": {"crops": [{"dataset": "b", "image": "im0", "x": 0, "y": 0, "width": 48, "height": 8}]}},
            ["config.report.crops.0: reaches to (48, 8), but im0 has 40x30 pixels at x2"],
        ),
        (
            {"methods": {"Mine": {"images": "sr/{image}.png"}}},
            ["config.methods.Mine.images: b x2: no super-resolved image for im0, im1 (2 of 2)"],
        ),
        ({"restore": {"precision": "tf32"}}, ["config.restore.precision: PyTorch finds no CUDA device; tf32 is"]),
        (
            {"ablations": {"mine": {"title": "t", "base": "HiT-SIR", "variants": {"x": {"options": {"heads": 3}}}}}},
            ["config.ablations.mine.variants.x.options.heads: expected"],
        ),
    ],
)
def test_mistakes(keys, said, folder):
    import torch

    if "restore" in keys and torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    found = wrong(**keys)
    assert len(found) == len(said)
    for line, words in zip(found, said, strict=True):
        assert words in line and "\n" not in line, line


def test_damaged_images(folder):
    (folder / "train" / "im0.png").write_bytes(b"no image")
    Image.fromarray(np.zeros((9, 1, 3), np.uint8)).save(folder / "test" / "thin.png")
    Image.fromarray(np.zeros((40, 40), np.uint16)).save(folder / "test" / "deep.png")
    found = wrong()
    assert any("train/im0.png: not an image of a format that is read" in line for line in found)
    assert any("test/thin.png: 1x9 pixels, but x2 needs 2 in width and height" in line for line in found)
    assert any("test/deep.png: has more than 8 bits per sample" in line for line in found)
    assert len(found) == 3
    shutil.rmtree(folder / "train")
    assert any("config.datasets.a: train: no such folder of images" in line for line in wrong())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return torch.nn.functional.interpolate(x, scale_factor=2)", None),
        ("return x", "makes (1, 3, 20, 17) of (1, 3, 20, 17); expected (1, 3, 40, 34)"),
        ("return [x]", "makes list of (1, 3, 20, 17)"),
        ("return torch.nn.functional.interpolate(x, scale_factor=2) / 0", "makes values of noise that are not finite"),
        ("return self.nothing(x)", "cannot be made and run with these options (AttributeError"),
    ],
)
def test_networks_of_users_are_run(body, said, folder):
    text = f"""
        import torch

        class MyNet(torch.nn.Module):
            def __init__(self, scale):
                super().__init__()
                self.weight = torch.nn.Parameter(torch.ones(1))

            def forward(self, x):
                {body}
        """
    (folder / "mine.py").write_text(textwrap.dedent(text))
    found = wrong(methods={"Mine": {"network": "mine.py:MyNet"}})
    assert (
        found == [] if said is None else said in found[0] and found[0].startswith("config.methods.Mine: mine.py:MyNet")
    )


def test_the_verb(folder, monkeypatch):
    raw = {"methods": {"HiT-SIR": {"options": {"dim": 7}}, "Bicubic": {"cite": "me"}}, "report": {"figures": []}}
    (folder / "mine.yaml").write_text(yaml.safe_dump({**raw, "report": {"tables": ["complexity"], "figures": []}}))
    result = CliRunner().invoke(cli.app, ["check", "--config", "mine.yaml"])
    assert result.exit_code == 1 and result.output.count("error:") == 2
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(cli.app, ["check"])
    assert result.exit_code == 0, result.output
    assert "config/config.yaml: nothing is wrong: 13 networks built" in result.output
