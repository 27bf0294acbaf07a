"""Verdicts from made-up measurements with known answers, and the conditions without which there is none."""

import numpy as np
import pytest
import yaml
from conftest import ROOT

from hitsr.analysis import claims, conditions, evidence, exponents, measurements, requirements
from hitsr.configuration import claims as catalogue
from hitsr.configuration import measured_kinds, resolve
from hitsr.errors import ConfigError
from hitsr.report import claims as card
from hitsr.results.records import collect, write_record

PAIRS = {"HiT-SIR": "SwinIR-Light", "HiT-SNG": "SwinIR-NG", "HiT-SRF": "SRFormer-Light"}
FULL = {
    "run": "full",
    "seeds": [0, 1, 2],
    "methods": {name: {} for pair in PAIRS.items() for name in pair},
    "ablations": {"windows": {}},
    "datasets": {"DIV2K": {"folder": "x"}, "Urban100": {"folder": "y"}},
    "training_set": "DIV2K",
    "test_sets": ["Urban100"],
    "latency": {"input": [640, 360], "formulations": ["plain", "fast"]},
}


def origin(device: str) -> dict:
    return {"device": device, "hardware": {"cpu": "A Processor", "gpu": "A Card"}}


def measure(
    folder,
    config,
    *,
    gain=0.2,
    gains=None,
    images=100,
    device="cuda",
    speed=7.0,
    exponents=(2, 1, 1),
    steps=(4, 8),
    published=False,
):
    """The long table of a run in which every HiT network beats its base by `gain` dB."""
    random = np.random.default_rng(0)
    files, base = [], random.normal(30, 2, images)

    def record(name, rows, **identity):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        identity = {"method": None, "scale": 2, "seed": None, **identity}
        write_record(path, {**identity, "rows": rows, "provenance": origin(device)})
        files.append(path.relative_to(folder))

    everything = {**config["methods"], **config["variants"]}
    timed = []
    for method in everything:
        ours = method in PAIRS
        size = [("parameters", 800 if ours else 900), ("macs_fvcore", 2e9 if ours else 3e9)]
        if published:
            size.append(("parameters_published_size", 700 if ours else 1100))
        rows = [{"quantity": quantity, "implementation": "reference", "value": value} for quantity, value in size]
        record(f"complexity/{method}.json", rows, kind="complexity", method=method)
        for seed in config["seeds"]:
            values = (
                base
                + (gains or {}).get(method, gain if ours else 0)
                + random.normal(0, 0.02, images)
                + random.normal(0, 0.005)
            )
            where = {"dataset": "Urban100", "protocol": "paper", "quantity": "psnr"}
            rows = [{**where, "image": f"i{i}", "value": value} for i, value in enumerate(values)]
            record(f"quality/{method}/{seed}.json", rows, kind="quality", method=method, seed=seed)
            reached = steps[0] if ours else steps[1]
            rows = [
                {"iteration": i, "quantity": "validation_psnr", "value": min(i, reached) / reached} for i in range(1, 9)
            ]
            record(f"train/{method}/{seed}.json", rows, kind="training", method=method, seed=seed)
        for implementation in ("reference", "optimized"):
            middle = 10 if ours else 10 * speed
            times = {"latency_median": middle, "latency_p10": 0.98 * middle, "latency_p90": 1.02 * middle}
            shared = {
                "method": method,
                "implementation": implementation,
                "backend": "eager",
                "input": "{}x{}".format(*config["latency"]["input"]),
            }
            timed += [{**shared, "quantity": q, "value": v} for q, v in times.items()]
    record("latency/x2.json", timed, kind="latency")
    record("operators.json", [
        {"method": operator, "input": f"{side}x{side}", "implementation": "reference", "quantity": "operator_macs",
         "value": 3 * (side * side) ** exponent}
        for operator, exponent in zip(("W-SA", "S-SC", "C-SC"), exponents, strict=True)
        for side in (4, 8, 16, 32)
    ], kind="operators", scale=None)  # fmt: skip
    collect("full", [folder / file for file in files], folder / "measurements.csv")
    table = measurements.read(folder / "measurements.csv")
    table["file"] = table.file.str.removeprefix(f"{folder}/")
    return table


@pytest.fixture
def judged(tmp_path, monkeypatch):
    """Judge a run of changed configuration and measurements: findings by key."""
    monkeypatch.chdir(tmp_path)

    def judge(changes=None, **numbers):
        config = resolve({**FULL, **(changes or {})})
        findings = claims.judge(measure(tmp_path, config, **numbers), config)
        return {finding.key: finding for finding in findings}

    return judge


def said(finding) -> str:
    return " | ".join(result.text for result in finding.results)


def test_a_run_of_the_papers_conditions_decides(judged):
    found = judged()
    for key in (
        "fewer-parameters", "fewer-flops", "faster-as-published", "linear-in-window", "expanding-windows", "urban100",
        "faster-convergence",
    ):  # fmt: skip
        assert found[key].verdict == "holds", found[key]
        assert not found[key].missing and found[key].sources
    for key in ("dual-features", "single-head-channel", "larger-receptive-field"):
        assert found[key].verdict == "undecided"
        assert "not in this run" in found[key].missing[0]
    assert found["fewer-parameters"].results[0] == ("HiT-SIR / SwinIR-Light ×2: 0.889 (0.8 / 0.9 K)", "counted, exact")
    assert found["faster-as-published"].conditions[0] == "A Card"
    assert claims.summary(list(found.values())) == "claims: 8 hold · 0 do not hold · 3 undecided"


def test_a_run_that_shows_the_contrary(judged):
    found = judged(gain=-0.2, speed=3.0, exponents=(2, 2, 1), steps=(8, 4))
    for key in ("faster-as-published", "linear-in-window", "expanding-windows", "urban100", "faster-convergence"):
        assert found[key].verdict == "does not hold", found[key]
    assert found["fewer-parameters"].verdict == "holds"
    assert "· 6 do not hold ·" in claims.summary(list(found.values()))


def test_a_gain_that_only_the_recipe_brings_does_not_hold(judged):
    """Against the network as published and trained by the same recipe: both must be beaten."""
    controls = {f"{base}+recipe=hit": {"extends": base, "recipe": "hit"} for base in PAIRS.values()}
    published = {base: {"recipe": base} for base in PAIRS.values()}
    changes = {"methods": {**FULL["methods"], **published, **controls}}
    found = judged(changes)["urban100"]
    assert found.verdict == "holds" and "HiT-SIR − SwinIR-Light+recipe=hit, Urban100 ×2: +" in said(found)
    assert "HiT-SIR − SwinIR-Light, Urban100 ×2: +" in said(found)
    assert judged(changes, gains={"SRFormer-Light+recipe=hit": 0.4})["urban100"].verdict == "does not hold"
    assert judged(changes, gains={"SRFormer-Light": 0.4})["urban100"].verdict == "does not hold"
    curves = judged(changes)["faster-convergence"]
    assert curves.verdict == "holds" and "of SwinIR-Light+recipe=hit ×2" in said(curves)
    assert "of SwinIR-Light ×2" not in said(curves), "curves of two recipes are not compared"


def test_what_the_data_do_not_separate_is_undecided(judged):
    found = judged(gain=0.0)
    assert found["urban100"].verdict == found["expanding-windows"].verdict == "undecided"
    assert "do not separate" in " ".join(found["urban100"].missing)


def test_a_bound_within_the_spread_of_the_timings_is_undecided(judged):
    found = judged(speed=6.6)["faster-as-published"]
    assert found.verdict == "undecided" and "the spread of the timings contains the bound" in found.missing


@pytest.mark.parametrize(
    ("changes", "numbers", "key", "words"),
    [
        ({"train": {"iterations": 1600}}, {}, "urban100", "1,600 of 500,000 iterations"),
        ({"training_set": "Urban100", "test_sets": ["DIV2K"]}, {}, "faster-convergence", "trained on Urban100"),
        ({"methods": {**FULL["methods"], "HiT-SIR": {"options": {"dim": 32, "heads": 2}}}}, {}, "urban100", "dim=32"),
        ({}, {"images": 3}, "urban100", "3 of 100 images"),
        ({}, {"device": "cpu"}, "faster-as-published", "timed on a CPU"),
        ({"latency": {"input": [160, 90], "formulations": ["plain"]}}, {}, "faster-as-published", "timed on 160×90"),
        ({"seeds": [0]}, {}, "expanding-windows", "1 of 3 trainings"),
        ({"seeds": [0, 1]}, {}, "faster-convergence", "2 of 3 trainings"),
    ],
)
def test_other_conditions_give_no_verdict(judged, changes, numbers, key, words):
    finding = judged(changes, **numbers)[key]
    assert finding.verdict == "undecided"
    assert words in " ".join(finding.missing), finding.missing


def test_sizes_of_reduced_networks_are_not_the_papers(judged):
    """Without counts at the published size, a reduced network says nothing about parameters."""
    small = {"options": {"dim": 32, "heads": 2}}
    finding = judged({"methods": {**FULL["methods"], "HiT-SIR": small}})["fewer-parameters"]
    assert finding.verdict == "undecided" and "HiT-SIR" in finding.missing[0]


def test_exponents_of_powers():
    import pandas as pd

    rows = pd.DataFrame({"input": ["4x4", "8x8", "16x16", "32x32"], "value": [99, 64**1.5, 256**1.5, 1024**1.5]})
    assert exponents.exponent(rows) == pytest.approx((1.5, 0), abs=1e-9)
    assert exponents.exponent(rows.iloc[:2]) is None


def test_the_card(judged):
    text = card.as_markdown(list(judged().values()), "full")
    assert text.startswith("**claims: 8 hold · 0 do not hold · 3 undecided** (run full)")
    assert text.count("**holds**") == 8
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1


def test_every_requirement_that_a_claim_may_have_is_known():
    from typing import get_args

    from hitsr.configuration import read_yaml
    from hitsr.configuration.models.claims import Requirement, Test

    assert set(get_args(Requirement)) == set(requirements.REQUIREMENTS)
    assert set(get_args(Test)) == set(evidence.TESTS)
    for axis in ("windows", "features", "heads"):
        pairs = [pair for claim in catalogue.claims().values() for pair in claim["pairs"]]
        named = {method for pair in pairs for method in pair if f"+{axis}=" in method}
        known = read_yaml(ROOT / "hitsr" / "catalogs" / "ablations.yaml").get(axis)
        if known:
            assert named <= {f"{known['base']}+{axis}={v}" for v in known["variants"]}


@pytest.mark.parametrize(("scales", "differs"), [([2, 3], False), ([3, 4], True)])
def test_x3_without_x2_is_not_the_papers_training(scales, differs):
    config = resolve({**FULL, "ablations": {}, "scales": scales})
    assert ("not started from x2 weights" in conditions.training_differs(config, "HiT-SIR")) == differs


def test_given_weights_and_complete_test_sets_are_the_papers(tmp_path):
    config = resolve({**FULL, "ablations": {}})
    config["methods"]["HiT-SIR"]["weights"] = {"2": "x.pth"}
    config["methods"]["HiT-SIR"]["train"]["iterations"] = 5
    assert conditions.training_differs(config, "HiT-SIR") == ""
    assert conditions.test_set_differs("Set5", 5) == ""
    assert conditions.test_set_differs("Set5", 4) == "4 of 5 images"
    assert "not a test set" in conditions.test_set_differs("photographs", 3)


def test_a_size_is_said_beside_a_ratio_of_reduced_networks(judged, tmp_path):
    """What the table of the same run prints is another size: sentence and conditions say which one is meant."""
    small = {"options": {"dim": 32, "heads": 2}}
    methods = {**FULL["methods"], "HiT-SIR": small, "SwinIR-Light": small}
    finding = judged({"methods": methods}, published=True)["fewer-parameters"]
    assert finding.claim.startswith("At published size") and finding.results[0].text.endswith("(0.7 / 1.1 K)")
    assert finding.conditions[1] == (
        "networks of published size, counted beside the reduced ones of this run (HiT-SIR, SwinIR-Light)"
    )
    full = judged()["fewer-parameters"]
    assert len(full.conditions) == 1 and full.results[0].text.endswith("(0.8 / 0.9 K)")


def test_a_claim_is_an_entry_and_measures_what_it_takes(tmp_path):
    """A claim of a plug-in folder; those that a run is to decide are measured for it."""
    quiet = {**FULL, "report": {"tables": [], "figures": []}, "ablations": {}}
    assert measured_kinds(resolve(quiet)) == []
    for name, kind in (
        ("fewer-flops", "complexity"), ("faster-as-published", "latency"), ("linear-in-window", "operators"),
        ("larger-receptive-field", "attribution"), ("faster-convergence", "training"), ("urban100", "quality"),
    ):  # fmt: skip
        shown = {**quiet, "report": {**quiet["report"], "claims": [name]}}
        assert measured_kinds(resolve(shown))[0] == kind
    said = {"claim": "Less memory.", "section": "nowhere", "where": {"implementation": "optimized"}}
    test = {"test": "ratio", "quantity": "peak_memory", "pairs": [["HiT-SIR", "SwinIR-Light"]], "below": 1}
    mine = {"mine": {**said, **test}}
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(mine))
    given = {**quiet, "plugins": [str(tmp_path)]}
    config = resolve({**given, "report": {**quiet["report"], "claims": ["mine"]}})
    assert measured_kinds(config) == ["latency"] and "mine" in catalogue.claims(config["plugins"])
    for claim, words in (
        ("main", r"config.report.claims.0: unknown claim 'main'; did you mean 'mine'"),
        (
            "expanding-windows",
            r"is about HiT-SIR and HiT-SIR\+windows=fixed8 or .* the run has not; .*ablations",
        ),
    ):
        with pytest.raises(ConfigError, match=words):
            resolve({**given, "report": {**quiet["report"], "claims": [claim]}})
    mine["mine"]["quantity"] = "peek_memory"
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(mine))
    catalogue._read.cache_clear()
    with pytest.raises(ConfigError, match="mine.quantity: unknown quantity 'peek_memory'; did you mean 'peak_memory'"):
        resolve({**given, "report": {**quiet["report"], "claims": ["mine"]}})
