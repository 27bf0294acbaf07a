"""Published recipes: what they say against their sources, which keys win, and the controls that share one."""

import copy

import pytest
import yaml
from conftest import ROOT
from typer.testing import CliRunner

from hitsr import cli
from hitsr.analysis import comparisons as lineup
from hitsr.configuration import costed, defaults, resolve, train_of, trained
from hitsr.configuration.recipes import PROTOCOL, published_recipe, recipes
from hitsr.configuration.steps import Steps
from hitsr.errors import ConfigError
from hitsr.training.schedule import learning_rate

PAPER = yaml.safe_load((ROOT / "config" / "paper.yaml").read_text())
SMALL = {
    "scales": [2, 3],
    "methods": {
        "SwinIR-Light": {"recipe": "SwinIR-Light"},
        "SwinIR-Light+recipe=hit": {"extends": "SwinIR-Light", "recipe": "hit"},
        "HiT-SIR": {"recipe": "hit"},
    },
    "datasets": {"a": {"folder": "x"}, "b": {"folder": "y"}},
    "training_set": "a",
    "test_sets": ["b"],
}


def small(**methods):
    config = copy.deepcopy(SMALL)
    for name, changes in methods.items():
        config["methods"][name.replace("_", "-")].update(changes)
    return config


def test_the_defaults_are_the_recipe_of_hit_sr():
    assert recipes()["hit"]["train"] == {key: defaults("train")[key] for key in PROTOCOL}


@pytest.mark.parametrize(
    ("method", "scale", "iterations", "rates"),
    [
        # iterations at which the sources set a rate: milestones, or epochs of 1,000 steps
        ("HiT-SRF", 3, 500_000, {0: 5e-4, 249_999: 5e-4, 250_000: 2.5e-4, 475_000: 3.125e-5}),
        ("SwinIR-Light", 2, 500_000, {0: 2e-4, 249_999: 2e-4, 250_000: 1e-4, 400_000: 5e-5, 499_999: 1.25e-5}),
        ("SwinIR-Light", 4, 250_000, {0: 1e-4, 124_999: 1e-4, 125_000: 5e-5, 237_500: 6.25e-6}),
        ("SwinIR-NG", 2, 500_000, {9_999: 2e-4, 19_999: 4e-4, 199_999: 4e-4, 200_000: 2e-4, 425_000: 2.5e-5}),
        ("SwinIR-NG", 3, 450_000, {9_999: 2e-4, 199_999: 4e-4, 300_000: 1e-4, 424_999: 5e-5, 425_000: 2.5e-5}),
        ("SRFormer-Light", 4, 500_000, {0: 2e-4, 250_000: 1e-4, 475_000: 1.25e-5}),
        ("ELAN-Light", 4, 1_000_000, {249_999: 2e-4, 250_000: 1e-4, 475_000: 1.25e-5, 999_999: 6.25e-6}),
    ],
)
def test_the_learning_rates_of_the_sources(method, scale, iterations, rates):
    train = train_of(resolve(PAPER), method, scale)
    assert train["iterations"] == iterations
    assert {at: learning_rate(train, at) for at in rates} == pytest.approx(rates)


@pytest.mark.parametrize(
    ("name", "iterations", "rates"),
    [
        ("EDSR-B", 300_000, {0: 1e-4, 199_999: 1e-4, 200_000: 5e-5}),
        ("CARN", 600_000, {399_999: 1e-4, 400_000: 5e-5}),
        ("IMDN", 1_000_000, {198_999: 2e-4, 199_000: 1e-4, 399_000: 5e-5, 998_999: 1.25e-5, 999_000: 6.25e-6}),
        ("RFDN-L", 1_000_000, {199_999: 5e-4, 200_000: 2.5e-4, 999_999: 3.125e-5}),
        ("LatticeNet", 3_000_000, {199_999: 2e-4, 200_000: 1e-4, 2_799_999: 2e-4 / 2**13, 2_800_000: 2e-4 / 2**14}),
        ("HNCT", 1_200_000, {199_999: 5e-4, 200_000: 2.5e-4, 1_000_000: 5e-4 / 32}),
        ("Omni-SR", 800_000, {199_999: 5e-4, 200_000: 2.5e-4, 600_000: 6.25e-5}),
    ],
)
def test_the_learning_rates_of_the_sources_of_other_networks(name, iterations, rates):
    train = {**defaults("train"), **recipes()[name]["train"]}
    assert train["iterations"] == iterations and recipes()[name]["networks"] == [name]
    assert {at: learning_rate(train, at) for at in rates} == pytest.approx(rates)


def test_the_run_gives_way_to_the_recipe_and_the_recipe_to_the_method():
    config = resolve(
        small(HiT_SIR={"train": {"iterations": 7}}) | {"train": {"learning_rate": 1.0, "threads": 2, "iterations": 9}}
    )
    train = config["methods"]["HiT-SIR"]["train"]
    assert (train["learning_rate"], train["threads"], train["iterations"]) == (0.0005, 2, 7)
    assert config["methods"]["SwinIR-Light"]["train"]["iterations"] == 500_000


def test_fine_tuning_counts_only_where_a_training_starts_from_x2():
    config = resolve(SMALL)
    assert train_of(config, "SwinIR-Light", 2)["learning_rate"] == 2e-4
    assert train_of(config, "SwinIR-Light", 3)["learning_rate"] == 1e-4
    assert "fine_tuning" not in train_of(config, "SwinIR-Light", 3)
    scratch = resolve({**SMALL, "scales": [3]})
    assert train_of(scratch, "SwinIR-Light", 3) == train_of(config, "SwinIR-Light", 2)
    changed = resolve(small(SwinIR_Light={"train": {"fine_tuning": {"iterations": 5}}}))
    before, after = (
        [Steps(c).make("train", method="SwinIR-Light", scale=scale, seed=0).digest for scale in (2, 3)]
        for c in (config, changed)
    )
    assert before[0] == after[0] and before[1] != after[1]


def test_they_are_listed_with_their_sources(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    shown = " ".join(CliRunner().invoke(cli.app, ["recipes"]).output.split())
    for name, entry in recipes().items():
        assert f"{name} ({entry['title']})" in shown and f"Source: {entry['source']}" in shown
    assert "'iterations': 250000" in shown


def test_mistakes():
    with pytest.raises(ConfigError, match=r"config.methods.HiT-SIR.recipe: unknown recipe 'hot'.*SRFormer-Light"):
        resolve(small(HiT_SIR={"recipe": "hot"}))
    with pytest.raises(ConfigError, match=r"fine_tuning.*gamma"):
        resolve(small(HiT_SIR={"train": {"fine_tuning": {"gamma": 1}}}))


def test_a_control_is_trained_but_not_counted_again():
    config = resolve(SMALL)
    control = "SwinIR-Light+recipe=hit"
    assert trained(config) == ["SwinIR-Light", control, "HiT-SIR"]
    assert costed(config) == lineup.distinct(config) == ["SwinIR-Light", "HiT-SIR"]
    assert lineup.costs_as(config, control) == "SwinIR-Light"
    assert lineup.bases(config, "HiT-SIR") == ["SwinIR-Light", control]
    assert lineup.fair_base(config, "HiT-SIR") == control
    assert lineup.bases(config, control) == ["SwinIR-Light"]
    assert lineup.families(config) == [["SwinIR-Light", control, "HiT-SIR"]]
    # the base is trained as HiT-SIR already: there is nothing to control
    same = resolve(small(SwinIR_Light={"recipe": "hit"}))
    assert lineup.bases(same, "HiT-SIR") == ["SwinIR-Light"]
    # another network is no control
    reduced = copy.deepcopy(SMALL)
    reduced["methods"][control]["options"] = {"dim": 32}
    assert lineup.bases(resolve(reduced), "HiT-SIR") == ["SwinIR-Light"]
    assert costed(resolve(reduced)) == ["SwinIR-Light", control, "HiT-SIR"]


def test_the_paper_trains_every_baseline_by_both_recipes_and_nothing_twice():
    config = resolve(PAPER)
    baselines = ["SwinIR-Light", "SwinIR-NG", "SRFormer-Light", "ELAN-Light"]
    for name in baselines:
        entry, control = config["methods"][name], config["methods"][f"{name}+recipe=hit"]
        assert entry["recipe"] == published_recipe(entry["network"]) == name
        assert control["retrains"] == name and control["train"] == config["methods"]["HiT-SIR"]["train"]
        assert (control["colour"], control["marker"]) != (entry["colour"], entry["marker"])
    everything = {**config["methods"], **config["variants"]}
    trainings = [(everything[m]["network"], everything[m]["options"], everything[m]["train"]) for m in trained(config)]
    assert all(trainings.count(training) == 1 for training in trainings)
