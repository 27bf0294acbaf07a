"""Configurations: defaults, and one clear message for each mistake."""

import copy
import re

import pytest
import yaml
from conftest import ROOT
from typer.testing import CliRunner

from hitsr.analysis import conditions
from hitsr.configuration import read_yaml, resolve, trained
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.questions import networks
from hitsr.configuration.recipes import published_recipe
from hitsr.errors import ConfigError

DEMO = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())


def changed(**keys):
    return {**copy.deepcopy(DEMO), **keys}


def test_the_demo_is_complete():
    config = resolve(DEMO)
    assert trained(config) == ["SwinIR-Light-small", "HiT-SIR-small", *config["variants"]]
    # full size or reduced: each pair is one of both, and nothing else differs from the published network
    assert [name for name in networks(config) if not conditions.network_differs(config, name)] == networks(config)[:8]
    stood = {entry["stands_for"] for entry in config["variants"].values()}
    assert stood == {f"HiT-SIR+{axis}" for axis in ("windows=fixed8", "heads=spatial6-channel6", "features=linear")}
    assert {entry["axis"] for entry in config["variants"].values()} == {"windows", "heads", "features"}
    assert config["methods"]["HiT-SIR"]["train"]["betas"] == [0.9, 0.99]
    assert config["methods"]["HiT-SIR"]["baseline"] == "SwinIR-Light"
    assert config["methods"]["HiT-SIR-small"]["baseline"] == "SwinIR-Light-small"
    assert yaml.safe_load((ROOT / "config" / "config.yaml").read_text()) == DEMO, "resolving changed its input"


def test_the_papers_protocol(tmp_path, monkeypatch):
    """Planned without data: every method at three scales, every ablation at the first, each data set downloaded."""
    import subprocess
    import sys

    raw = yaml.safe_load((ROOT / "config" / "paper.yaml").read_text())
    config = resolve(raw)
    assert {entry["axis"] for entry in config["variants"].values()} == set(
        yaml.safe_load((ROOT / "hitsr" / "catalogs" / "ablations.yaml").read_text())
    )
    for method in trained(config):
        entry = all_methods(config)[method]
        train, own = entry["train"], published_recipe(entry["network"])
        assert conditions.network_differs(config, method) == ""
        assert not conditions.recipe_differs(train, entry["recipe"])
        assert bool(conditions.recipe_differs(train, own)) == ("+recipe=" in method)
    path = tmp_path / "paper.yaml"
    path.write_text(yaml.safe_dump({**raw, "run": "stand-in"}, sort_keys=False))
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "-n",
        "--cores",
        "1",
        "--nolock",
        "--configfile",
        str(path),
        "--",
        "all",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    planned = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, re.MULTILINE))
    baselines = ["SwinIR-Light", "SwinIR-NG", "SRFormer-Light", "ELAN-Light"]
    assert int(planned["train"]) == 3 * (3 * (2 * len(baselines) + 2 * 3) + len(config["variants"]))
    assert int(planned["download"]) == len(raw["datasets"]) == 7
    assert (int(planned["prepare"]), int(planned["leaks"])) == (7 * 3, 1)
    # networks under another recipe are networks that are counted already
    assert int(planned["count"]) == 3 * (len(baselines) + 3) + len(config["variants"])


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda path: path.stem)
def test_committed_configurations_need_nothing_of_this_machine(path, tmp_path, monkeypatch):
    """They name public data sets and published weights: a run gets them, wherever it is started."""
    monkeypatch.delenv("HITSR_DATA", raising=False)
    monkeypatch.delenv("HITSR_WEIGHTS", raising=False)
    monkeypatch.chdir(tmp_path)
    raw = read_yaml(path)
    assert not [entry for entry in raw.get("datasets", {}).values() if "folder" in entry]
    resolve(raw)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (changed(scale=[2]), ["config.scale", "unknown key", "did you mean 'scales'"]),
        (changed(train={"iteration": 5}), ["config.train.iteration", "did you mean 'iterations'"]),
        (changed(train={"iterations": "many"}), ["config.train.iterations", "expected an integer", "'many'"]),
        (changed(train={"device": "tpu"}), ["config.train.device", "auto, cpu, cuda", "tpu"]),
        (changed(methods={"HiT-SIR": {"stands_for": "HiT"}}, ablations={}), ["HiT-SIR.stands_for", "'HiT'", "HiT-SIR"]),
        (
            changed(
                methods={"HiT-SIR": {}},
                ablations={"heads": {"variants": {"x": {"options": {"heads": 1}, "stands_for": "y"}}}},
            ),
            ["config.ablations.heads.variants.x.stands_for", "'y'", "spatial6-channel6"],
        ),
        (changed(scales=[5]), ["config.scales.0", "2, 3, 4"]),
        (changed(methods={"HiT-SIX": {}}), ["config.methods.HiT-SIX", "unknown method", "HiT-SIR"]),
        (changed(methods={"mine": {"extends": "HiT"}}), ["config.methods.mine.extends", "'HiT'"]),
        (
            changed(methods={"HiT-SIR": {"options": {"window": 8}}}, ablations={}),
            ["HiT-SIR.options.window", "window_ratios"],
        ),
        (changed(methods={"HiT-SIR": {"train": {"lr": 1}}}), ["HiT-SIR.train.lr", "learning_rate"]),
        (changed(methods={"HiT-SIR": {"train": {"gamma": 2}}}), ["HiT-SIR.train.gamma"]),
        (changed(methods={"HiT-SIR": {"weights": {"2": "no.pth"}}}, ablations={}), ["HiT-SIR.weights.2", "no.pth"]),
        (changed(test_sets=["Set5"]), ["config.test_sets.0", "Set5", "photographs"]),
        (changed(test_sets=["demo-train"]), ["demo-train", "also trained"]),
        (
            changed(datasets={**DEMO["datasets"], "photographs": {"photographs": ["coffee"]}}),
            ["coffee", "also trained"],
        ),
        (
            changed(datasets={**DEMO["datasets"], "photographs": {"photographs": ["dog"]}}),
            ["photographs.0", "astronaut"],
        ),
        (
            changed(datasets={**DEMO["datasets"], "x": {}}),
            ["config.datasets.x", "exactly one", "photographs, folder, public"],
        ),
        (
            changed(datasets={**DEMO["datasets"], "x": {"public": "Set6"}}),
            ["config.datasets.x.public", "Set6", "DIV2K-train"],
        ),
        (changed(training_set=None), ["config.training_set", "SwinIR-Light"]),
        (changed(test_sets=[]), ["config.test_sets"]),
        (changed(report={"tables": ["best"]}), ["config.report.tables.0", "main"]),
    ],
)
def test_mistakes(config, words):
    with pytest.raises(ConfigError) as caught:
        resolve(config)
    for word in words:
        assert word in str(caught.value), str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_line_reports_them_in_one_line(tmp_path, capfd, monkeypatch):
    from hitsr import cli

    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(changed(train={"iteration": 5})))
    monkeypatch.setattr("sys.argv", ["hitsr", "methods", "--config", str(path)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert "Traceback" not in capfd.readouterr().err
    assert CliRunner().invoke(cli.app, ["--help"]).exit_code == 0


def test_files(tmp_path):
    for content, word in [(None, "cannot be read"), ("a: [", "not valid YAML"), ("- a", "expected keys")]:
        path = tmp_path / "config.yaml"
        if content:
            path.write_text(content)
        with pytest.raises(ConfigError, match=word):
            read_yaml(path)
