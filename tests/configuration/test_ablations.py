"""Ablations: what an axis makes of its base method, and the mistakes one can make."""

import copy

import pytest
import yaml
from conftest import ROOT

from hitsr.configuration import ablations, read_yaml, resolve, trained, used_sets
from hitsr.configuration.steps import Steps
from hitsr.errors import ConfigError

RUN = {
    "run": "made-up",
    "scales": [2, 3],
    "methods": {"SwinIR-Light": {}, "HiT-SIR": {"options": {"dim": 32, "heads": 2}, "train": {"iterations": 7}}},
    "ablations": {"windows": {"variants": {"fixed8": None, "mine": {"options": {"window_ratios": [2]}}}}},
    "datasets": {"training": {"folder": "x"}, "test": {"folder": "y"}},
    "training_set": "training",
    "test_sets": ["test"],
}


def changed(**keys):
    return {**copy.deepcopy(RUN), **keys}


def test_a_variant_is_its_base_but_for_the_options_of_the_axis():
    config = resolve(RUN)
    base, fixed = config["methods"]["HiT-SIR"], config["variants"]["HiT-SIR+windows=fixed8"]
    assert fixed["options"] == {**base["options"], "window_ratios": [1, 1, 1, 1, 1, 1]}
    assert fixed["train"] == base["train"] and fixed["network"] == "HiT-SIR" and fixed["baseline"] == "HiT-SIR"
    assert (fixed["axis"], fixed["label"]) == ("windows", "fixed 8")
    assert config["variants"]["HiT-SIR+windows=mine"]["options"]["window_ratios"] == [2]
    assert list(config["methods"]) == ["SwinIR-Light", "HiT-SIR"]
    assert trained(config)[2:] == list(config["variants"])
    assert "ablation-windows" in config["report"]["tables"] and "ablation-windows" in config["report"]["figures"]


def test_variants_run_at_the_first_scale_and_in_the_last_implementation():
    config = resolve(changed(latency={"implementations": ["reference", "optimized"]}))
    assert ablations.scales_of(config, "HiT-SIR") == [2, 3]
    assert ablations.scales_of(config, "HiT-SIR+windows=fixed8") == [2]
    assert ablations.implementations_of(config, "HiT-SIR+windows=fixed8") == ["optimized"]


def test_every_axis_of_the_catalogue_fits_its_base():
    catalogue = read_yaml(ROOT / "hitsr" / "catalogs" / "ablations.yaml")
    config = resolve(changed(ablations={name: {} for name in catalogue}, methods={"HiT-SIR": {}}))
    assert len(config["variants"]) == sum(len(axis["variants"]) for axis in catalogue.values())
    options = [str(entry["options"]) for entry in config["variants"].values()]
    by_axis = {(entry["axis"], str(entry["options"])) for entry in config["variants"].values()}
    assert len(by_axis) == len(options), "two variants of one axis are the same network"


def test_a_title_does_not_retrain_and_an_option_retrains_its_variant():
    before = resolve(RUN)
    titled = resolve(changed(ablations={"windows": {**RUN["ablations"]["windows"], "title": "Other words"}}))
    other = copy.deepcopy(RUN["ablations"])
    other["windows"]["variants"]["mine"]["options"]["window_ratios"] = [1, 2]
    other = resolve(changed(ablations=other))
    for method in trained(before):
        digests = [Steps(c).make("train", method=method, scale=2, seed=0).digest for c in (before, titled, other)]
        assert digests[0] == digests[1]
        assert (digests[0] == digests[2]) == (method != "HiT-SIR+windows=mine")
    assert Steps(before).make("table", name="main").digest != Steps(titled).make("table", name="main").digest


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ({"window": {}}, ["config.ablations.window", "unknown axis", "windows"]),
        ({"windows": {"base": "HiT-SRF"}}, ["windows.base", "'HiT-SRF'", "add it under methods"]),
        ({"windows": {"variants": {"fixed9": {}}}}, ["windows.variants.fixed9", "no options", "fixed8"]),
        ({"windows": {"variants": {}}}, ["windows.variants"]),
        ({"windows": {"variant": {}}}, ["windows.variant", "did you mean 'variants'"]),
        (
            {"windows": {"variants": {"x": {"options": {"windows": 1}}}}},
            ["windows.variants.x.options.windows", "unknown option"],
        ),
        ({"mine": {"title": "Mine", "base": "HiT-SIR"}}, ["config.ablations.mine", "no variants given"]),
    ],
)
def test_mistakes(axes, words):
    with pytest.raises(ConfigError) as caught:
        resolve(changed(ablations=axes))
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_a_name_cannot_be_both_method_and_variant():
    methods = {**RUN["methods"], "HiT-SIR+windows=fixed8": {"extends": "HiT-SIR"}}
    with pytest.raises(ConfigError, match=r"config.methods.HiT-SIR\+windows=fixed8: the ablation 'windows' makes"):
        resolve(changed(methods=methods))


def test_the_catalogue_is_valid_yaml_with_labels():
    for name, axis in yaml.safe_load((ROOT / "hitsr" / "catalogs" / "ablations.yaml").read_text()).items():
        assert axis["base_label"], name
        assert all(entry["label"] for entry in axis["variants"].values()), name


TRAINING = {
    "squared": {"train": {"loss": "mse"}},
    "published": {"recipe": "SwinIR-Light"},
    "published-short": {"recipe": "SwinIR-Light", "train": {"iterations": 9}},
    "more-data": {"training_set": "more", "label": "more images"},
    "narrow-squared": {"options": {"dim": 16}, "train": {"loss": "mse"}},
}


def test_an_axis_over_how_and_on_what_is_trained():
    axis = {"how": {"title": "Training", "base": "HiT-SIR", "variants": TRAINING}}
    config = resolve(changed(ablations=axis, datasets={**RUN["datasets"], "more": {"folder": "z"}}))
    base = config["methods"]["HiT-SIR"]
    made = {name.rpartition("=")[2]: entry for name, entry in config["variants"].items()}
    differing = {
        name: {key for key in base["train"] if entry["train"][key] != base["train"][key]}
        for name, entry in made.items()
    }
    assert differing["squared"] == differing["narrow-squared"] == {"loss"} and differing["more-data"] == set()
    assert {"learning_rate", "betas"} <= differing["published"]
    assert made["published"]["train"]["iterations"] == 500_000 and made["published-short"]["train"]["iterations"] == 9
    assert {name: entry["training_set"] for name, entry in made.items() if entry["training_set"] != "training"} == {
        "more-data": "more"
    }
    steps = Steps(config)
    step = steps.make("train", method="HiT-SIR+how=more-data", scale=2, seed=0)
    assert step.training_set == "more" and step.train == steps.make("train", method="HiT-SIR", scale=2, seed=0).train
    assert used_sets(config) == {"training": "training", "more": "training", "test": "test"}
    # the same network costs the same: only the other one is counted and timed
    retrained = {name: entry["retrains"] for name, entry in made.items()}
    assert retrained == {**dict.fromkeys(TRAINING, "HiT-SIR"), "narrow-squared": None}
    assert config["ablations"]["how"]["variants"]["more-data"]["label"] == "more images"


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        (
            {},
            "variants.x: no options, so nothing differs from HiT-SIR; choose one of (none), or give it options, recipe",
        ),
        ({"options": {"dim": 32}}, "variants.x: changes nothing, since HiT-SIR has the same values already"),
        ({"train": {"iterations": 7}}, "variants.x: changes nothing"),
        ({"train": {"lr": 1}}, "variants.x.train.lr: unknown key"),
        ({"train": {"loss": "l3"}}, "variants.x.train.loss: expected one of l1, mse, charbonnier, found 'l3'"),
        ({"recipe": "hot"}, "variants.x.recipe: unknown recipe 'hot'"),
        ({"training_set": "nothing"}, "variants.x.training_set: unknown data set 'nothing'"),
        ({"training_set": "test"}, "config.test_sets.0: 'test' is also trained"),
    ],
)
def test_mistakes_of_variants(variant, said):
    axis = {"how": {"title": "Training", "base": "HiT-SIR", "variants": {"x": variant}}}
    with pytest.raises(ConfigError) as caught:
        resolve(changed(ablations=axis))
    assert said in str(caught.value), str(caught.value)


def test_an_interpolation_has_no_variants():
    axis = {"how": {"title": "Training", "base": "Bicubic", "variants": {"x": {"train": {"loss": "mse"}}}}}
    with pytest.raises(ConfigError, match="config.ablations.how.variants.x: Bicubic is no network"):
        resolve(changed(ablations=axis, methods={"Bicubic": {}, "HiT-SIR": {}}))
