"""Values of keys: what is taken for a number, a name, a path, and one line for everything else."""

import copy
import json
from pathlib import Path

import pytest
from conftest import ROOT

from hitsr.configuration import parse_yaml, read_yaml, resolve, stated
from hitsr.errors import ConfigError
from hitsr.schema.types import MARKERS

DEMO = read_yaml(ROOT / "config" / "config.yaml")
BRIEF = """
methods: {Bicubic: {}, HiT-SIR: {}}
datasets: {training: {photographs: [coffee]}, test: {photographs: [camera]}}
training_set: training
test_sets: [test]
"""


def brief(text=""):
    """A short configuration, with the keys of `text` instead."""
    return {**parse_yaml(BRIEF, "brief"), **(parse_yaml(text, "text") or {})}


def message(raw):
    with pytest.raises(ConfigError) as caught:
        resolve(raw)
    assert "\n" not in str(caught.value), str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "section", "value"),
    [
        ("train: {iterations: 2.0}", "train", {"iterations": 2}),
        ("train: {iterations: 1e3}", "train", {"iterations": 1000}),
        ("train: {iterations: '20'}", "train", {"iterations": 20}),
        ("train: {learning_rate: 2e-4}", "train", {"learning_rate": 0.0002}),
        ("train: {learning_rate: '2e-4'}", "train", {"learning_rate": 0.0002}),
        ("train: {learning_rate: 1}", "train", {"learning_rate": 1.0}),
        ("train: {start_from_x2: off}", "train", {"start_from_x2": False}),
        ("train:", "train", {"iterations": 500_000}),
        ("restore: {max_memory: 500 MB}", "restore", {"max_memory": "500 MB"}),
        ("restore: {max_memory: 1000000}", "restore", {"max_memory": 1000000}),
        ("attention_cost: {windows: [4.0, 8]}", "attention_cost", {"windows": [4, 8]}),
    ],
)
def test_what_people_write_for_numbers(text, section, value):
    found = resolve(brief(text))[section]
    assert {key: found[key] for key in value} == value
    assert all(type(found[key]) is type(wanted) for key, wanted in value.items())
    json.dumps(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("train: {iterations: 2.5}", "config.train.iterations: expected an integer, found 2.5 (Optimiser steps)"),
        ("train: {iterations: true}", "config.train.iterations: expected an integer, found true"),
        ("train: {iterations: null}", "config.train.iterations: expected an integer, found nothing"),
        ("train: {iterations: 0}", "config.train.iterations: expected at least 1, found 0"),
        ("train: {iterations: .inf}", "config.train.iterations: expected an integer, found .inf"),
        ("train: {iterations: [1]}", "config.train.iterations: expected an integer, found [1]"),
        ("train: {learning_rate: .nan}", "config.train.learning_rate: expected a finite number, found .nan"),
        ("train: {learning_rate: -.inf}", "config.train.learning_rate: expected a finite number, found -.inf"),
        ("train: {learning_rate: nan}", "config.train.learning_rate: expected a number, found 'nan'"),
        ("train: {learning_rate: 0}", "config.train.learning_rate: expected more than 0, found 0"),
        ("train: {betas: [0.9]}", "config.train.betas: expected at least 2 of them, found [0.9]"),
        ("train: {betas: [0.9, 1]}", "config.train.betas.1: expected less than 1, found 1"),
        ("train: {betas: 0.9}", "config.train.betas: expected a list, found 0.9"),
        ("train: {start_from_x2: 1}", "config.train.start_from_x2: expected true or false, found 1"),
        ("train: [1]", "config.train: expected keys and values, found [1]"),
        ("train: {fine_tuning: {gamma: 1}}", "config.train.fine_tuning.gamma: unknown key"),
        ("iterations: 3", "config.iterations: unknown key; it is a key of train."),
        ("restore: {max_memory: much}", "config.restore.max_memory: expected bytes, or a size such as 2GiB or 500MB"),
        ("restore: {tile: 16}", "config.restore.tile: expected at least 32, found 16"),
        (
            "attention_cost: {windows: [5, 8]}",
            "config.attention_cost.windows.0: expected one of 4, 8, 16, 32, 64, 128, found 5",
        ),
        ("attention_cost: {dim: 18}", "config.attention_cost.dim: expected a multiple of 4, found 18"),
        ("scales: 2", "config.scales: expected a list, found 2"),
        ("scales: []", "config.scales: expected at least 1 of them, found []"),
        ("scales: [2, 2]", "config.scales.1: 2 is given twice"),
        ("seeds: [-1]", "config.seeds.0: expected at least 0, found -1"),
        ("test_sets: [test, test]", "config.test_sets.1: 'test' is given twice"),
        (
            "report: {tables: [main, best]}",
            "config.report.tables.1: unknown table 'best'; choose one of",
        ),
        ("report: {crops: [{dataset: test}]}", "config.report.crops.0.image: missing; give it (Name of the image)"),
        ("report: {crops: [{dataset: test, image: a, x: 3}]}", "config.report.crops.0: expected both x and y"),
    ],
)
def test_what_is_no_value(text, said):
    assert said in message(brief(text))


@pytest.mark.parametrize("name", ["100", "NA", "1e3", "007", "1_0", "2020-01-01", "nan", "N"])
def test_names_are_what_is_written(name):
    raw = brief(f"run: {name}\ntest_sets: [{name}]")
    raw["datasets"] = parse_yaml(f"{{training: {{photographs: [coffee]}}, {name}: {{photographs: [camera]}}}}", "sets")
    config = resolve(raw)
    assert config["run"] == name and config["test_sets"] == [name] and list(config["datasets"])[1] == name
    assert resolve(json.loads(json.dumps(stated(raw)))) == config
    method = resolve({**raw, "methods": parse_yaml(f"{{{name}: {{extends: HiT-SIR}}}}", "methods")})
    assert list(method["methods"]) == [name]


@pytest.mark.parametrize(
    "name", ["..", ".", ".hidden", "-n", "a/b", "a b", "a\n", "a\\b", "", "é", "a" * 61, "$(ls)", "a;b"]
)
def test_names_that_cannot_be_folders(name):
    places = {
        "config.run": {"run": name},
        "config.datasets": {"datasets": {**brief()["datasets"], name: {"photographs": ["camera"]}}},
        "config.methods": {"methods": {"HiT-SIR": {}, name: {"extends": "HiT-SIR"}}},
        "config.ablations": {"ablations": {name: {"title": "t", "base": "HiT-SIR", "variants": {"x": {}}}}},
        "config.ablations.windows.variants": {"ablations": {"windows": {"variants": {name: {"options": {"dim": 4}}}}}},
    }
    for where, changes in places.items():
        assert message({**brief(), **changes}).startswith(f"{where}")
        assert "expected a name of" in message({**brief(), **changes}), where


def test_booleans_and_nothing_are_no_names_and_the_advice_is_valid():
    for text, advice in [("run: on", '"true"'), ("run: null", '"null"'), ("datasets: {no: {folder: x}}", '"false"')]:
        said = message(brief(text))
        assert f"put it in quotes: {advice}" in said
        assert resolve(brief(f"run: {advice}"))["run"] == advice.strip('"')


def test_methods_as_a_list_or_by_number():
    assert "write `HiT-SIR: {}`" in message(brief("methods: [HiT-SIR]"))
    assert "config.methods.2: unknown method '2'" in message(brief("methods: {2: {}}"))


def test_choices_that_look_like_numbers_are_quoted_in_advice():
    raw = brief("datasets: {training: {photographs: [coffee]}, 100: {photographs: [camera]}}")
    assert 'choose one of training, "100"' in message(raw)


def test_image_names():
    raw = brief()
    raw["datasets"]["mine"] = parse_yaml("{folder: x, images: [0801, 1e3, 'a, b'], exclude: [NA]}", "x")
    assert resolve(raw)["datasets"]["mine"]["images"] == ["0801", "1e3", "a, b"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{}", "config.datasets.mine: expected exactly one of photographs, folder, public; found none of them"),
        ("{folder: x, public: Set5}", "found folder and public"),
        ("{folder: x, rows: [0.5, 0.1]}", "config.datasets.mine.rows: expected the first fraction below the second"),
        ("{folder: x, rows: [0.5, 0.5]}", "config.datasets.mine.rows: expected the first fraction below the second"),
        ("{folder: x, rows: [0, 2]}", "config.datasets.mine.rows.1: expected at most 1, found 2"),
        ("{folder: x, images: []}", "config.datasets.mine.images: expected at least 1 of them, found []"),
        ("{folder: x, images: [a, a]}", "config.datasets.mine.images.1: 'a' is given twice"),
        ("{folder: x, images: [a], exclude: [a, b]}", "config.datasets.mine.exclude: leaves out every image"),
        ("{photographs: [camera], exclude: [camera]}", "config.datasets.mine.exclude: leaves out every image"),
        ("{photographs: [dog]}", "config.datasets.mine.photographs.0: unknown photograph 'dog'"),
        ("{folder: ''}", "config.datasets.mine.folder: expected a path"),
        ('{folder: "a\\nb"}', "config.datasets.mine.folder: expected a path without control characters"),
        ("{folder: true}", "config.datasets.mine.folder: expected text, found true"),
    ],
)
def test_data_sets(entry, said):
    raw = brief()
    raw["datasets"]["mine"] = parse_yaml(entry, "mine")
    assert said in message(raw)


def test_the_home_folder_in_every_path(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "w.pth").write_text("")
    raw = brief("{data_root: ~/sets, methods: {HiT-SIR: {weights: {2: ~/w.pth}}}}")
    raw["datasets"]["mine"] = {"folder": "~/photographs"}
    config = resolve(raw)
    found = [config["data_root"], config["datasets"]["mine"]["folder"], config["methods"]["HiT-SIR"]["weights"]["2"]]
    assert found == [str(tmp_path / name) for name in ("sets", "photographs", "w.pth")]
    assert "~" not in message(brief("plugins: [~/plugins]"))
    assert "there is no user 'nobody-here'" in message(brief("data_root: ~nobody-here/sets"))


def test_markers_are_those_of_matplotlib():
    from matplotlib.markers import MarkerStyle

    assert set(MARKERS) == {
        marker for marker in MarkerStyle.markers if isinstance(marker, str) and len(marker) == 1
    } - {" "}
    assert "config.methods.HiT-SIR.marker: unknown marker 'circle'" in message(
        brief("methods: {HiT-SIR: {marker: circle}}")
    )
    assert resolve(brief("methods: {HiT-SIR: {marker: 1}}"))["methods"]["HiT-SIR"]["marker"] == "1"


def test_options_of_networks_are_plain_values():
    config = resolve(brief("methods: {HiT-SIR: {options: {dim: 32, window_ratios: [0.5, 1e0], position_bias: no}}}"))
    options = config["methods"]["HiT-SIR"]["options"]
    assert options == {"dim": 32, "window_ratios": [0.5, 1.0], "position_bias": False}
    assert type(options["dim"]) is int and type(options["window_ratios"][0]) is float
    assert "finite" in message(brief("methods: {HiT-SIR: {options: {ffn_ratio: .nan}}}"))


def test_resolving_changes_nothing_of_its_input():
    before = copy.deepcopy(DEMO)
    resolve(DEMO)
    assert before == DEMO


def test_importing_is_light():
    import subprocess
    import sys

    code = "import sys, hitsr.configuration as c; c.resolve(c.read_yaml('config/paper.yaml'))"
    code += "; heavy = {'torch', 'pandas', 'matplotlib', 'numpy', 'PIL'} & set(sys.modules); assert not heavy, heavy"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    assert Path(ROOT / "config").is_dir()
