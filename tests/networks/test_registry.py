"""Networks of anybody: found in folders or named by file, used as they are, and faults that stay where they are."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch
from conftest import ROOT

import hitsr
from hitsr.checkpoints.loading import load_any
from hitsr.errors import CheckpointError, OptionError
from hitsr.measure.count.run import count
from hitsr.networks import registry
from hitsr.networks.identity import identity

NETWORK = "'network.py:Plain'"
PLAIN = """
    import torch
    from torch import nn

    class Plain(nn.Module):
        def __init__(self, scale, width=8, *, steps=1):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))  # of its residual
            self.body = nn.Sequential(*(nn.Conv2d(3 if not i else width, width, 3, padding=1) for i in range(steps)))
            self.tail = nn.Sequential(nn.Conv2d(width, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))

        def forward(self, x):
            return self.scale * self.tail(self.body(x))
    """


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        suffix = ".yaml" if name == "method" else ".py"
        (folder / f"{name}{suffix}").write_text(textwrap.dedent(text))
    return folder


@pytest.fixture
def plain(tmp_path):
    return write(
        tmp_path / "plain net", network=PLAIN, method="{name: Plain-Net, network: 'network.py:Plain', cite: me}"
    )


def test_discovery_imports_no_torch():
    code = "import sys; from hitsr.networks import registry; registry.methods(); registry.find('HiT-SIR').signature"
    code += "; assert not {'torch', 'numpy', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_every_baseline_is_a_folder():
    for name, entry in registry.methods().items():
        assert entry["network"] in (None, name)
        assert entry["colour"].startswith("#") and entry["marker"]
        assert entry["baseline"] is None or entry["baseline"] in registry.methods()
    assert hitsr.list_networks() == hitsr.methods() == registry.networks()


@pytest.mark.parametrize("way", ["folder", "folder of folders", "file"])
def test_a_bare_module_is_built_counted_used_saved_and_loaded(way, plain, tmp_path):
    if way == "file":
        network, name = f"{plain / 'network.py'}:Plain", "Plain"
        (plain / "method.yaml").unlink()
    else:
        entry = registry.method("Plain-Net", [plain if way == "folder" else plain.parent])
        network, name = entry["network"], "Plain-Net"
        assert (entry["cite"], entry["image_range"], entry["scales"]) == ("me", 1.0, [2, 3, 4])
    assert registry.find(network).signature.options == ("width", "steps")
    for formulation in ("plain", "fast"):
        model = hitsr.build(network, 3, width=6, formulation=formulation).eval()
        made = identity(model)
        assert (made.name, made.scale, made.options) == (name, 3, {"width": 6, "steps": 1})
    hitsr.save(model, tmp_path / "a.safetensors")
    for loaded in (
        hitsr.load(tmp_path / "a.safetensors", network),
        load_any(tmp_path / "a.safetensors", network, 3, {"width": 6, "implementation": "reference"}),
    ):
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), loaded.parameters(), strict=True))
    with pytest.raises(CheckpointError, match=f"unknown network '{name}'"):
        hitsr.load(tmp_path / "a.safetensors")
    image = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    with torch.no_grad():
        exact = (255 * model(torch.from_numpy(image).permute(2, 0, 1)[None] / 255)).clamp(0, 255)[0].permute(1, 2, 0)
    # rounded to the nearest integer; which one is chance where two are as near
    assert np.abs(hitsr.upscale(model, image) - exact.numpy()).max() <= 0.5 + 1e-3
    rows = {row["quantity"]: row["value"] for row in count(network, 2, {"width": 4}, (64, 64))["rows"]}
    assert rows["parameters"] == 4 * 28 + 12 * 37 + 1
    assert rows["macs_fvcore"] == 32 * 32 * (4 * 27 + 12 * 36)


def test_relative_imports_and_equal_names_of_files(tmp_path):
    for number in (1, 2):
        write(
            tmp_path / f"p{number}",
            method=f"{{name: P{number}, network: 'network.py:Net'}}",
            blocks=f"""
                from torch import nn
                class Base(nn.Module):
                    def __init__(self, scale, a{number}=0):
                        super().__init__()
                """,
            network="from .blocks import Base\nclass Net(Base):\n    pass\n",
        )
        network = registry.method(f"P{number}", [tmp_path])["network"]
        assert registry.find(network).signature.options == (f"a{number}",)
        assert identity(hitsr.build(network, 2)).options == {f"a{number}": 0}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"network": PLAIN}, ["method.yaml: missing", "_template"]),
        ({"network": PLAIN, "method": "network: [oh"}, ["method.yaml: not valid YAML"]),
        (
            {"network": PLAIN, "method": "network: network.py:Plain\ncolor: red"},
            ["color: unknown key", "colour"],
        ),
        ({"network": PLAIN, "method": "network: network.py:Plain\ncolour: red"}, ["method.yaml: colour", "'red'"]),
        ({"network": PLAIN, "method": "network: other.py:Plain"}, ["method.yaml: network: no file 'other.py'"]),
        ({"network": PLAIN, "method": "cite: me"}, ["method.yaml", "one of `network", "`rules"]),
        ({"network": PLAIN, "method": "name: a b\nnetwork: network.py:Plain"}, ["method.yaml: name", "'a b'"]),
    ],
)
def test_a_broken_folder_is_named_when_it_is_used_and_disturbs_nothing(files, words, plain, tmp_path):
    write(tmp_path / "broken", **files)
    assert "Plain-Net" in registry.methods([tmp_path])
    assert hitsr.build(registry.method("Plain-Net", [tmp_path])["network"], 2)
    with pytest.raises(OptionError) as refused:
        registry.method("broken", [tmp_path])
    assert all(word in str(refused.value) for word in words), refused.value
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("class Net(\n", ["network.py, line 1: not valid Python", "correct it"]),
        ("class Other: pass\n", ["network.py: no class 'Net'", "Other"]),
        ("import no_such_thing\nclass Net: pass\n", ["network.py: cannot be imported", "no_such_thing", "install"]),
        ("from helper import x\nclass Net: pass\n", ["network.py: cannot be imported", "from .helper import"]),
        ("class Net:\n    def __init__(self, scale): pass\n", ["network.py", "Net", "not a torch.nn.Module"]),
    ],
)
def test_faults_of_the_code(text, words, tmp_path):
    folder = write(tmp_path / "net", network=text, helper="", method="network: network.py:Net")
    network = registry.method("net", [folder])["network"]
    with pytest.raises(OptionError) as refused:
        hitsr.build(network, 2)
    assert all(word in str(refused.value) for word in words), refused.value


def test_options_and_scales_are_checked(plain):
    network = f"{plain / 'network.py'}:Plain"
    with pytest.raises(OptionError, match="Plain-Net has no option 'wide'; its options: width, steps"):
        hitsr.build(network, 2, wide=3)
    (plain / "method.yaml").write_text("network: network.py:Plain\nscales: [4]\n")
    with pytest.raises(OptionError, match="scale: expected one of 4, found 2"):
        hitsr.build(network, 2)
    with pytest.raises(OptionError, match="no such file"):
        hitsr.build("nowhere.py:Net", 2)


def test_two_of_one_name(plain, tmp_path):
    write(tmp_path / "again", network=PLAIN, method="{name: Plain-Net, network: network.py:Plain}")
    assert "Plain-Net" not in registry.methods([tmp_path])
    with pytest.raises(OptionError, match="two methods .* 'Plain-Net': in .*again and in .*plain net; rename"):
        registry.method("Plain-Net", [tmp_path])
    write(tmp_path / "again", method="{name: HiT-SIR, network: network.py:Plain}")
    with pytest.raises(OptionError, match="two methods have the name 'HiT-SIR'"):
        registry.method("HiT-SIR", [tmp_path])
    assert hitsr.build("HiT-SIR", 2, depths=(1,))
    assert registry.method("Plain-Net", [tmp_path])


def test_a_plugin_folder_that_is_none(tmp_path):
    for folder, words in ((tmp_path / "missing", "no such plug-in folder"), (tmp_path, "has a method.yaml")):
        with pytest.raises(OptionError, match=words):
            registry.methods([folder])
