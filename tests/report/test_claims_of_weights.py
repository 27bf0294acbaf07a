"""Claims about weights: the paper's, our own, and what only a recipe or the scatter of trainings brings."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from judging import IDEAL, SMALL

from hitsr.analysis import conditions, measurements
from hitsr.analysis.estimates import Estimate


def test_any_file_is_not_the_papers_weights(judged, tmp_path):
    """One byte, weights of our own of another training, and those whose checksum the catalogue has."""
    quick = {"report": {"tables": ["main"], "figures": []}, "ablations": {}, "test_sets": ["Urban100"]}
    Path("x.pth").write_bytes(b"\x00")
    methods = {**SMALL["methods"], "IMDN": {"weights": {"2": "x.pth"}}}
    run = judged({**quick, "methods": methods, "watched_sets": []})
    table, config = run.simulation.table, run.config
    assert "recorded checksum" in conditions.training_differs(table, config, "IMDN", 2)

    def weighed(sha256: str) -> str:
        run.again(
            lambda c: {**c, "weights": {"file": "x.pth", "sha256": sha256}} if c["method"] == "IMDN" else c, "quality"
        )
        return conditions.training_differs(measurements.read(Path("measurements.csv")), config, "IMDN", 2)

    assert weighed("740b39653592bd3f49955a21cd9e16f2d37f2c413368cc09327601b8fbe42ce1") == ""
    assert "x.pth: not known to be the published weights" in weighed("0" * 64)


def test_weights_of_our_own_are_their_training_record(judged):
    import safetensors.numpy

    from hitsr.configuration.models.train import Train

    train = Train().model_dump()
    trained_on = {"name": "DIV2K", **conditions.DIV2K}

    def written(record: dict, options: dict | None = None) -> str:
        texts = {"format": "hitsr-1", "network": "HiT-SIR", "scale": "2", "options": json.dumps(options or {})}
        safetensors.numpy.save_file({"w": np.zeros(1)}, "own.safetensors", {**texts, "record": json.dumps(record)})
        table = judged_table.assign()
        return conditions.weights_differ(table, "HiT-SIR", "HiT-SIR", 2, Path("own.safetensors"), "hit")

    quick = {
        "report": {"tables": ["main"], "figures": []},
        "ablations": {},
        "test_sets": ["Urban100"],
        "watched_sets": [],
    }
    run = judged(quick)
    run.again(lambda c: {**c, "weights": {"file": "own.safetensors", "sha256": "1" * 64}}, "quality")
    judged_table = measurements.read(Path("measurements.csv"))
    assert written({"train": train, "trained_on": trained_on}) == ""
    assert "iterations" in written({"train": {**train, "iterations": 5}, "trained_on": trained_on})
    assert "not recorded" in written({"train": train})
    assert "dim=32" in written({"train": train, "trained_on": trained_on}, {"dim": 32})


def test_published_weights_of_both_are_judged_with_the_scatter_that_one_expects(judged):
    """One training each: the interval has the scatter that is assumed; of SSIM none is known."""
    quick = {
        "report": {"tables": ["main"], "figures": []},
        "ablations": {},
        "test_sets": ["Urban100"],
        "watched_sets": [],
    }
    given = {name: {"weights": {"2": "x.pth"}} for name in ("IMDN", "LatticeNet")}
    Path("x.pth").write_bytes(b"\x00")
    sums = {
        "IMDN": "740b39653592bd3f49955a21cd9e16f2d37f2c413368cc09327601b8fbe42ce1",
        "LatticeNet": "ac9e517e8952a1c96ef83ef7a327233a28f99f95c413f32ab62e3c7e4f59f8c4",
    }
    run = judged({**quick, "methods": {"Bicubic": {}, **given}, "seeds": [0]})
    claim = {**run.known["urban100"], "pairs": [["LatticeNet", "IMDN"]]}
    run.known = {"psnr": claim, "ssim": {**claim, "quantity": "ssim"}}

    def verdicts(gain: float) -> dict:
        truth = dataclasses.replace(IDEAL, gain=lambda method, *_: gain * (method == "LatticeNet"))
        run.again(lambda c: {**c, "weights": {"file": "x.pth", "sha256": sums.get(c["method"], "")}}, "quality")
        run.simulation.table = measurements.read(Path("measurements.csv"))
        return run.judge(run.simulation.draw(truth, np.random.default_rng(0)))

    found = verdicts(0.3)
    assert found["psnr"].verdict == "holds" and "0.04 dB assumed over trainings" in found["psnr"].number.interval
    assert found["ssim"].verdict == "undecided" and "one training of each method" in found["ssim"].missing[0]
    assert verdicts(0.05)["psnr"].verdict == "undecided"


def test_a_gain_that_only_the_recipe_brings_does_not_hold(judged):
    """Against the network as published and trained by the same recipe: both must be beaten."""
    control = "SwinIR-Light+recipe=hit"
    methods = {
        "SwinIR-Light": {"recipe": "SwinIR-Light"},
        control: {"extends": "SwinIR-Light", "recipe": "hit"},
        "HiT-SIR": {"recipe": "hit"},
    }
    quick = {"report": {"tables": ["main"], "figures": ["convergence"]}, "ablations": {}, "test_sets": ["Urban100"]}
    run = judged({**quick, "methods": methods})

    def found(**gains: float) -> dict:
        truth = dataclasses.replace(
            IDEAL, gain=lambda method, *_: {"HiT-SIR": 0.5, control: 0.0, **gains}.get(method, 0.0)
        )
        return run.judge(run.simulation.draw(truth, np.random.default_rng(1)))

    both = found()["urban100"]
    assert both.verdict == "holds" and len(both.results) == 2
    assert found(**{control: 0.8})["urban100"].verdict == "does not hold"
    assert found(**{"SwinIR-Light": 0.8})["urban100"].verdict == "does not hold"
    curves = found()["faster-convergence"]
    assert [control in result.text for result in curves.results] == [True], "curves of two recipes are not compared"


def test_iterations_to_a_target():
    from hitsr.analysis.evidence.convergence import Reached, ratio_of

    fast, slow = Reached([90, 100, 110], 0, 5), Reached([200, 210, 190], 0, 5)
    found = ratio_of(fast, slow)
    assert isinstance(found, Estimate) and found.value == pytest.approx(0.5, abs=0.01) and found.interval()[1] < 0.65
    never = Reached([500, 500, 500], 3, 5)
    assert ratio_of(fast, never).value == pytest.approx(0.2, abs=0.01), "at most that"
    assert ratio_of(never, never) is None and ratio_of(Reached([100], 0, 5), slow) is None
    step = ratio_of(Reached([95, 95, 95], 0, 5), Reached([100, 100, 100], 0, 5))
    assert step.error > 0, "what lies between two measurements is not known"
