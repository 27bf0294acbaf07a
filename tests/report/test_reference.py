"""Trainings beside the published curves: simulated histories of which it is known where they are."""

import numpy as np
import pytest
from conftest import ROOT
from simulated import Simulation, Truth

from hitsr.analysis import reference
from hitsr.configuration import read_yaml, resolve
from hitsr.report import figures, tables

EARLY = read_yaml(ROOT / "config" / "early.yaml")
STOPPED = {"iterations": 50_000, "schedule_iterations": 500_000}
SHOWN = {"tables": ["main", "reference"], "figures": ["reference"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of the configuration, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("early"))
        yield Simulation(resolve({**EARLY, "report": SHOWN}), Truth(), rounds=5).table


@pytest.fixture
def early(made):
    """Trainings whose curves are the published ones, moved by `offset` dB, and stopped after 50,000 iterations."""

    def early(offset: float, **changes):
        config, random = resolve({**EARLY, "report": SHOWN, **changes}), np.random.default_rng(0)
        table = made[~((made.quantity == "test_psnr") & (made.iteration > 50_000))].copy()
        values = table.value.to_numpy(float).copy()
        for number in np.flatnonzero((table.quantity == "test_psnr").to_numpy()):
            row = table.iloc[number]
            curve = reference.curves().get((row.method, 2, row.dataset))
            if curve is not None and row.iteration in curve.points.index:
                values[number] = curve.points[row.iteration] + offset + random.normal(0, 0.02)
        table = table.assign(value=values)
        return table, config, {(t.method, t.dataset): t for t in reference.tracks(table, config)}

    return early


@pytest.mark.parametrize(("offset", "verdict"), [(0.0, "on track"), (0.3, "ahead"), (-0.3, "behind")])
def test_a_training_is_on_track_ahead_or_behind(early, offset, verdict):
    """Stopped after 50,000 iterations, with the paper's learning rate until there."""
    table, config, found = early(offset)
    for place in (("HiT-SIR", "Urban100"), ("SwinIR-Light", "Manga109"), ("HiT-SRF", "Set5")):
        one = found[place]
        assert one.verdict == verdict and one.iteration == 50_000 and not one.conditions, one
        assert 0.1 < one.band < 0.2
    assert ("SwinIR-Light", "Urban100") not in found, "that curve begins below its frame"
    grid = tables.make("reference", table, config)
    assert {row[-2].text for row in grid.rows} == {verdict}
    assert len(figures.draw("reference", table, config).axes) >= 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"train": {"iterations": 50_000}}, "its learning rate falls where the published one does not"),
        ({"train": {**STOPPED, "batch_size": 16}}, "batch_size 16 instead of 64"),
        ({"train": STOPPED, "options": {"dim": 32, "heads": 2}}, "dim=32"),
    ],
)
def test_other_conditions_have_no_verdict(early, changes, words):
    _, _, found = early(0.0, methods={**EARLY["methods"], "HiT-SIR": {"recipe": "hit", **changes}})
    one = found["HiT-SIR", "Urban100"]
    assert one.verdict == "no verdict" and words in one.conditions


def test_the_conditions_of_the_published_study_have_no_verdict(tmp_path, monkeypatch):
    """Its networks, recipe and training set are not those of the curves, wherever its trainings are."""
    monkeypatch.chdir(tmp_path)
    study = read_yaml(ROOT / "results/published/study-cpu/config.yaml")
    kept = {key: study[key] for key in ("scales", "methods", "datasets", "training_set", "test_sets", "train")}
    config = resolve({**kept, "watched_sets": ["Urban100"], "report": {"tables": ["main"], "figures": ["convergence"]}})
    bsd400 = {"name": "BSD400", "images": 389, "names": ["100075", "8143"], "longer_sides": [180]}
    found = reference.tracks(Simulation(config, Truth(trained_on=bsd400)).table, config)
    assert {one.method for one in found} == {"HiT-SIR", "SwinIR-Light"}
    for one in found:
        assert one.verdict == "no verdict"
        for words in ("dim=32", "BSD400 (389 images)", "batch_size 4 instead of 64", "learning_rate 0.001"):
            assert words in one.conditions


def test_another_training_set_has_no_verdict(early, monkeypatch):
    small = {"name": "B", "images": 9, "names": ["a", "b"], "longer_sides": [1]}
    monkeypatch.setattr(reference, "trained_on", lambda *_: small)
    assert early(0.0)[2]["HiT-SIR", "Urban100"].conditions == "trained on B (9 images)"


def test_a_run_without_watched_sets_says_so(early):
    table, config, _ = early(0.0)
    bare = table[table.quantity != "test_psnr"]
    assert "watched_sets" in tables.make("reference", bare, config).notes[0]


def test_the_published_curve_is_on_its_own_track():
    for curve in reference.curves().values():
        assert curve.scatter < 0.04 and (curve.points - curve.smooth).abs().max() < 0.15
