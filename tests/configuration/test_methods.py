"""What a method is: a network of the suite or of a file, of a plug-in, an interpolation, ready images, a checkpoint."""

import textwrap

import pytest

from hitsr.configuration import costed, parse_yaml, resolve, trained
from hitsr.errors import ConfigError
from hitsr.networks import registry

NET = """
    from torch import nn

    class MyNet(nn.Module):
        def __init__(self, scale, width=8):
            super().__init__()
    """


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder that the run starts in, with a network and a plug-in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_net.py").write_text(textwrap.dedent(NET))
    (tmp_path / "plugins" / "other").mkdir(parents=True)
    (tmp_path / "plugins" / "other" / "network.py").write_text(textwrap.dedent(NET))
    (tmp_path / "plugins" / "other" / "method.yaml").write_text("name: Other\nnetwork: network.py:MyNet\nscales: [2]\n")
    (tmp_path / "x2.pth").write_bytes(b"")
    return tmp_path


def run(methods, **keys):
    return {
        "methods": parse_yaml(methods, "methods"),
        "datasets": {"a": {"folder": "a"}, "b": {"folder": "b"}, "more": {"folder": "c"}},
        "training_set": "a",
        "test_sets": ["b"],
        **keys,
    }


def test_every_kind():
    config = resolve(
        run(
            """
            Bicubic: {}
            Lanczos: {interpolation: lanczos}
            HiT-SIR: {}
            narrow: {extends: HiT-SIR, options: {dim: 48}}
            MyNet: {network: "my_net.py:MyNet", options: {width: 4}, cite: me, baseline: HiT-SIR}
            MyNet-wide: {extends: MyNet, options: {width: 16}}
            MyNet-recipe: {extends: MyNet, recipe: hit, training_set: more}
            Published: {images: "visual/{dataset}/{image}_x{scale}.png", note: images of its authors}
            Any: {network: spandrel, weights: {2: x2.pth}}
            Other: {}
            """,
            plugins=["plugins"],
        )
    )
    methods = config["methods"]
    assert [methods[name]["interpolation"] for name in ("Bicubic", "Lanczos")] == ["bicubic", "lanczos"]
    assert methods["narrow"]["baseline"] == "HiT-SIR" and methods["narrow"]["options"] == {"dim": 48}
    assert methods["MyNet"]["network"] == "my_net.py:MyNet" and methods["MyNet"]["baseline"] == "HiT-SIR"
    assert registry.find(methods["MyNet"]["network"]).signature.options == ("width",)
    assert methods["MyNet-wide"]["options"] == {"width": 16} and methods["MyNet-wide"]["retrains"] is None
    assert methods["MyNet-recipe"]["retrains"] == "MyNet" and methods["MyNet-recipe"]["training_set"] == "more"
    assert methods["Published"]["network"] is None and "{image}" in methods["Published"]["images"]
    assert methods["Any"]["network"] == "spandrel" and methods["Any"]["weights"] == {"2": "x2.pth"}
    assert methods["Other"]["network"].endswith("plugins/other/network.py:MyNet")
    assert trained(config) == ["HiT-SIR", "narrow", "MyNet", "MyNet-wide", "MyNet-recipe", "Other"]
    assert "MyNet-recipe" not in costed(config) and "Any" in costed(config)
    colours = [entry["colour"] for entry in methods.values()]
    assert len(set(colours)) == len(colours) and all(colour.startswith("#") for colour in colours)
    for entry in methods.values():
        assert sum(entry[kind] is not None for kind in ("network", "interpolation", "images", "rules")) == 1


@pytest.mark.parametrize(
    ("methods", "said"),
    [
        ("Lanczos: {}", "config.methods.Lanczos: unknown method 'Lanczos'; write `Lanczos: {interpolation: lanczos}`"),
        ("MySR: {extends: Bicubic}", "config.methods.MySR.extends: Bicubic is no network, so MySR could not differ"),
        ("MySR: {}", "config.methods.MySR: unknown method 'MySR'"),
        ("Lanczos: {interpolation: bicubic}", "config.methods.Lanczos.interpolation: Lanczos would be bicubic"),
        (
            "L: {interpolation: sinc}",
            "config.methods.L.interpolation: expected one of nearest, bilinear, bicubic, lanczos",
        ),
        ("Bicubic: {interpolation: lanczos}", "config.methods.Bicubic.interpolation: Bicubic is in the catalogue"),
        ("HiT-SIR: {network: 'my_net.py:MyNet'}", "config.methods.HiT-SIR.network: HiT-SIR is in the catalogue"),
        ("A: {network: 'no.py:MyNet'}", "config.methods.A: network 'no.py:MyNet': no such file: no.py"),
        ("A: {network: 'my_net.py:Her'}", "my_net.py: no class 'Her'; it has MyNet"),
        ("A: {network: HiT-SRX}", "config.methods.A: unknown network 'HiT-SRX'"),
        (
            "A: {network: 'my_net.py:MyNet', options: {wide: 1}}",
            "options.wide: unknown option of my_net.py:MyNet 'wide'",
        ),
        (
            "A: {network: 'my_net.py:MyNet', images: '{image}'}",
            "config.methods.A: network and images exclude each other",
        ),
        ("A: {extends: HiT-SIR, images: '{image}'}", "config.methods.A: extends and images exclude each other"),
        ("A: {images: 'x.png'}", "config.methods.A.images: 'x.png' finds one file for all images; put {image}"),
        ("A: {images: '{name}.png'}", "config.methods.A.images: unknown field {name}"),
        ("A: {images: '{image}', weights: {2: x2.pth}}", "config.methods.A.weights: A is no network"),
        ("A: {images: '{image}', train: {iterations: 3}}", "config.methods.A.train: A is no network"),
        ("Bicubic: {options: {dim: 3}}", "config.methods.Bicubic.options: Bicubic is no network"),
        ("A: {network: spandrel}", "config.methods.A.weights: give a checkpoint for each scale"),
        ("A: {network: spandrel, weights: {3: x2.pth}}", "config.methods.A.weights: no file for x2"),
        ("A: {network: spandrel, weights: {2: x2.pth}, options: {dim: 3}}", "config.methods.A.options: a checkpoint"),
        ("HiT-SIR: {declared: {source: s, parameters: 3}}", "config.methods.HiT-SIR.declared: only external programs"),
        ("A: {images: '{image}', declared: {parameters: 3}}", "config.methods.A.declared.source: missing; give it"),
        ("A: {images: '{image}', declared: {source: s}}", "config.methods.A.declared: nothing is declared"),
        ("A: {images: '{image}', declared: {source: s, macs: 3}}", "declared.macs: expected keys and values, found 3"),
        ("HiT-SIR: {weights: {5: x2.pth}}", 'config.methods.HiT-SIR.weights.5: expected one of "2", "3", "4", found'),
        ("HiT-SIR: {training_set: d}", "config.methods.HiT-SIR.training_set: unknown data set 'd'"),
        ("HiT-SIR: {training_set: b}", "config.test_sets.0: 'b' is also trained or validated on"),
        ("HiT-SIR: {recipe: hot}", "config.methods.HiT-SIR.recipe: unknown recipe 'hot'; did you mean 'hit'?"),
    ],
)
def test_mistakes(methods, said):
    with pytest.raises(ConfigError) as caught:
        resolve(run(methods))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_plugin(folder):
    with pytest.raises(ConfigError, match="config.plugins.0: nowhere: no such plug-in folder"):
        resolve(run("HiT-SIR: {}", plugins=["nowhere"]))
    with pytest.raises(
        ConfigError, match="config.methods.Other: Other has no x3, which is among config.scales; it has x2"
    ):
        resolve(run("Other: {}", plugins=["plugins"], scales=[2, 3]))
    (folder / "plugins" / "other" / "method.yaml").write_text("name: Other\nnetwork: network.py:MyNet\nwhite: 255\n")
    with pytest.raises(ConfigError, match="config.methods.other: .*method.yaml: white: unknown key"):
        resolve(run("other: {}", plugins=["plugins"]))
    with pytest.raises(ConfigError, match="unknown method 'Other'.* cannot be used: .*method.yaml: white: unknown key"):
        resolve(run("Other: {}", plugins=["plugins"]))


def test_a_method_takes_what_it_does_not_state_from_the_entry_that_it_extends():
    """Extending a reduced network of the run gives a reduced one, never silently that of the catalogue."""
    methods = {
        "HiT-SIR": {"options": {"dim": 32, "depths": [3, 3]}, "train": {"loss": "mse", "learning_rate": 0.001}},
        "wide": {"extends": "HiT-SIR", "options": {"dim": 48}, "train": {"learning_rate": 0.002}},
        "wider": {"extends": "wide", "options": {"dim": 64}},
        "by-recipe": {"extends": "HiT-SIR", "recipe": "hit"},
    }
    photographs = {"a": {"photographs": ["camera"]}, "b": {"photographs": ["coffee"]}}
    data = {"datasets": photographs, "training_set": "b", "test_sets": ["a"]}
    found = resolve({"methods": methods, **data})["methods"]
    assert found["wide"]["options"] == {"dim": 48, "depths": [3, 3]}
    assert found["wider"]["options"] == {"dim": 64, "depths": [3, 3]}
    assert [found[n]["train"]["loss"] for n in ("wide", "wider", "by-recipe")] == ["mse", "mse", "l1"]
    assert [found[n]["train"]["learning_rate"] for n in ("wide", "wider")] == [0.002, 0.002]
    assert found["by-recipe"]["options"]["dim"] == 32 and found["by-recipe"]["retrains"] is not None
    circle = {"HiT-SIR": {}, "HiT-SRF": {"extends": "HiT-SNG"}, "HiT-SNG": {"extends": "HiT-SRF"}}
    with pytest.raises(ConfigError, match="extends HiT-S.* end the circle"):
        resolve({"methods": circle, **data})
