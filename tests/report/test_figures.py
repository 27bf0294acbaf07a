"""What figures compute before they draw: Pareto fronts, families of networks, where bars stand and what they say."""

import pytest

from hitsr import lineup
from hitsr.configuration import resolve
from hitsr.errors import ConfigError
from hitsr.report.figures import bars
from hitsr.report.figures.tradeoff import pareto

NAMES = ("Bicubic", "HiT-SIR", "SwinIR-Light", "SRFormer-Light", "HiT-SNG")
RAW = {
    "methods": {**{name: {} for name in NAMES}, "mine": {"extends": "HiT-SIR"}},
    "datasets": {"test": {"folder": "x"}, "train": {"folder": "y"}},
    "training_set": "train",
    "test_sets": ["test"],
}


def test_pareto_front_against_its_definition(random):
    points = {str(i): (float(cost), float(psnr)) for i, (cost, psnr) in enumerate(random.integers(0, 30, (60, 2)))}

    def beaten(name):
        cost, psnr = points[name]
        return any(c <= cost and p >= psnr and (c, p) != (cost, psnr) for c, p in points.values())

    front = pareto(points)
    assert {points[name] for name in front} == {points[name] for name in points if not beaten(name)}
    assert [points[name] for name in front] == sorted(points[name] for name in front)
    assert pareto({}) == []


def test_families_hold_a_network_and_what_converts_it():
    config = resolve(RAW)
    assert lineup.families(config) == [["SwinIR-Light", "HiT-SIR", "mine"], ["SRFormer-Light"], ["HiT-SNG"]]
    places = bars.positions(lineup.families(config))
    assert list(places) == ["SwinIR-Light", "HiT-SIR", "mine", "SRFormer-Light", "HiT-SNG"]
    assert places["mine"] == 2 and places["SRFormer-Light"] == 3 + bars.GAP


def test_bars_say_the_change_against_the_base_network():
    families = [["SwinIR-Light", "HiT-SIR"], ["HiT-SNG"]]
    assert bars.label_of_change(families, {"SwinIR-Light": 200.0, "HiT-SIR": 99.4, "HiT-SNG": 1.25}) == {
        "SwinIR-Light": "200", "HiT-SIR": "99.4 (−50 %)", "HiT-SNG": "1.2",
    }  # fmt: skip
    assert bars.label_of_change(families, {"HiT-SIR": 99.4}) == {"HiT-SIR": "99.4"}


def test_measurements_are_limited_to_networks_of_the_run():
    for limited, words in (
        ({"attribution": {"methods": ["Bicubic"]}}, r"config.attribution.methods.0: 'Bicubic' is not a network"),
        ({"latency": {"growth": {"methods": ["ELAN-Light"]}}}, r"config.latency.growth.methods.0: 'ELAN-Light'"),
        ({"attribution": {"patches": [{"dataset": "train", "image": "a"}]}}, r"patches.0.dataset: 'train' is not a"),
    ):
        with pytest.raises(ConfigError, match=words):
            resolve({**RAW, **limited})
