"""Claims under conditions that are not the paper's: other configurations, images and sets give no verdict."""

import pytest
from judging import SMALL

from hitsr.analysis.identity import Sets

HIT = {"recipe": "hit"}
SMALLER, DROPPED = ({**HIT, "options": options} for options in ({"dim": 32, "heads": 2}, {"drop_path": 0.5}))
WRONG = [
    ({"seeds": [0]}, "urban100", "1 of 3 trainings of each method"),
    ({"seeds": [0, 1]}, "faster-convergence", "2 of 3 trainings of each method"),
    ({"train": {"batch_size": 32}, "methods": {"SwinIR-Light": {}, "HiT-SIR": {}}}, "urban100", "batch_size 32"),
    ({"methods": {"SwinIR-Light": HIT, "HiT-SIR": SMALLER}}, "urban100", "dim=32"),
    ({"methods": {"SwinIR-Light": HIT, "HiT-SIR": DROPPED}}, "urban100", "drop_path=0.5"),
    ({"latency": {**SMALL["latency"], "input": [160, 90]}}, "faster-as-published", "timed on 160×90"),
    (
        {"methods": {"SwinIR-Light": {"recipe": "SwinIR-Light"}, "HiT-SIR": HIT}},
        "faster-convergence",
        "different recipes",
    ),
    ({"scales": [3], "ablations": {}}, "urban100", "not started from x2 weights"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "key", "words"), WRONG)
def test_another_configuration_gives_no_verdict(judged, changes, key, words):
    quick = {"report": {"tables": ["main", "efficiency"], "figures": ["convergence"]}, "ablations": {}}
    finding = judged({**quick, "test_sets": ["Urban100"], **changes}).judge()[key]
    assert finding.verdict == "undecided", finding
    assert words in " ".join(finding.missing), finding.missing


def without(content: dict) -> dict:
    prints = dict(content["fingerprints"])
    prints[next(iter(prints))] = "0" * 16
    return {**content, "fingerprints": prints}


def cut(content: dict) -> dict:
    gone = next(iter(content["fingerprints"]))
    prints = {name: own for name, own in content["fingerprints"].items() if name != gone}
    return {**content, "fingerprints": prints, "rows": [row for row in content["rows"] if row["image"] != gone]}


OTHER_SET = {"name": "B", "images": 400, "names": ["a", "z"], "longer_sides": [481]}


def fewer(content: dict) -> dict:
    return {**content, "trained_on": {**content["trained_on"], "images": 799}}


FOREIGN = [
    ("quality", without, "urban100", "1 images are not those of Urban100 (img001)"),
    ("quality", cut, "urban100", "99 of 100 images of Urban100"),
    ("quality", lambda c: {**c, "fingerprints": None}, "urban100", "without fingerprints of its images"),
    ("training", lambda c: {**c, "trained_on": None}, "urban100", "what it was trained on is not recorded"),
    ("training", fewer, "urban100", "trained on 799 of 800 images"),
    ("training", lambda c: {**c, "trained_on": OTHER_SET}, "faster-convergence", "trained on B (400 images)"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change", "key", "words"), FOREIGN)
def test_other_images_give_no_verdict(judged, kind, change, key, words):
    quick = {"report": {"tables": ["main"], "figures": ["convergence"]}, "ablations": {}, "test_sets": ["Urban100"]}
    finding = judged(quick).again(change, kind)[key]
    assert finding.verdict == "undecided" and words in " ".join(finding.missing), finding.missing


def test_a_test_set_is_what_its_pixels_say(judged):
    """Urban100 under another label is Urban100; any five images called Set5 are not Set5."""
    sets = {"towns": {"folder": "y"}, "Set5": {"folder": "z"}, "DIV2K": {"folder": "x"}}
    run = judged(
        {"report": {"tables": ["main"], "figures": ["convergence"]}, "ablations": {}, "datasets": SMALL["datasets"]}
    )

    def relabel(content: dict) -> dict:
        if content.get("dataset") not in ("Urban100", "Set5"):
            return content
        if content["dataset"] == "Set5":
            return {**content, "fingerprints": {name: f"{i:016x}" for i, name in enumerate(content["fingerprints"])}}
        return {**content, "dataset": "towns", "rows": [{**row, "dataset": "towns"} for row in content["rows"]]}

    run.config = {**run.config, "datasets": {**run.config["datasets"], **sets}, "test_sets": ["Set5", "Set14", "towns"]}
    found = run.again(relabel, "quality")
    assert found["urban100"].verdict == "holds" and "towns" in found["urban100"].number.text
    assert found["set5"].verdict == "undecided" and "5 images are not those of Set5" in found["set5"].missing[0]


def test_manga109_is_known_by_what_bicubic_interpolation_scores(judged):
    sets = {"datasets": {**SMALL["datasets"], "Manga109": {"public": "Manga109"}}, "test_sets": ["Manga109"]}
    quick = {"report": {"tables": ["main"], "figures": ["convergence"]}, "ablations": {}, "watched_sets": [], **sets}
    run = judged(quick)
    assert Sets(run.simulation.table, run.config).public("Manga109", 2) == ("Manga109", "")
    other = run.simulation.table.assign(value=run.simulation.table.value + 0.2)
    assert "not the images of Manga109" in Sets(other, run.config).public("Manga109", 2)[1]
    alone = {**run.config, "methods": {n: e for n, e in run.config["methods"].items() if n != "Bicubic"}}
    assert "add Bicubic" in Sets(run.simulation.table, alone).public("Manga109", 2)[1]


def test_reduced_methods_stand_for_what_they_reduce_and_it_is_said(judged):
    """The numbers of a claim are those of the reduced pair, without a verdict; never one of each size side by side."""
    small = {"options": {"dim": 32, "heads": 2}}
    methods = {
        "HiT": {"extends": "HiT-SIR", "stands_for": "HiT-SIR", **small},
        "Swin": {"extends": "SwinIR-Light", "stands_for": "SwinIR-Light", **small},
    }
    heads = {"base": "HiT", "variants": {"two": {"options": {"channel_heads": 2}, "stands_for": "spatial6-channel6"}}}
    found = judged({"methods": methods, "ablations": {"heads": heads}}).judge()
    for key, pair in (
        ("single-head-channel", {"HiT": "HiT-SIR", "HiT+heads=two": "HiT-SIR+heads=spatial6-channel6"}),
        ("urban100", {"HiT": "HiT-SIR", "Swin": "SwinIR-Light"}),
    ):
        finding = found[key]
        assert finding.verdict == "undecided" and finding.number.text.startswith(" − ".join(pair))
        assert finding.conditions[:2] == tuple(f"{own} stands for {name}" for own, name in pair.items())
        assert "reduced network (dim=32, heads=2)" in finding.missing[0]
    found = judged({"methods": {"HiT": methods["HiT"], "SwinIR-Light": {}}, "ablations": {}}).judge()
    assert not found["urban100"].results and "not in this run" in found["urban100"].missing[0]
