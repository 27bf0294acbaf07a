"""Recipe and network as a 2 x 2, and what our trainings do otherwise than those of the authors."""

import numpy as np
import pandas as pd
import pytest
from simulated import Simulation, Truth

from hitsr.analysis import conditions
from hitsr.configuration import costed, resolve
from hitsr.report import tables

RUN = {
    "run": "recipes",
    "seeds": [0, 1, 2],
    "methods": {
        "SwinIR-Light": {"recipe": "SwinIR-Light"},
        "SwinIR-Light+recipe=hit": {"extends": "SwinIR-Light", "recipe": "hit"},
        "HiT-SIR": {"recipe": "hit"},
        "HiT-SIR+recipe=SwinIR-Light": {"extends": "HiT-SIR", "recipe": "SwinIR-Light"},
    },
    "datasets": {"Set5": {"public": "Set5"}, "DIV2K": {"folder": "x"}},
    "training_set": "DIV2K",
    "test_sets": ["Set5"],
    "metrics": ["psnr"],
    "report": {"tables": ["recipes", "departures"], "figures": []},
}
GAINS = {"SwinIR-Light": 0.0, "SwinIR-Light+recipe=hit": 0.3, "HiT-SIR": 1.0, "HiT-SIR+recipe=SwinIR-Light": 0.5}


def test_what_the_network_gains_and_what_the_recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = resolve(RUN)
    truth = Truth(gain=lambda method, *_: GAINS[method], scatter=1e-3, heterogeneity=1e-3, noise=1e-3)
    run = Simulation(config, truth)
    table = run.draw(truth, np.random.default_rng(0))
    grid = tables.make("recipes", table, config)
    rows = {row[0].text: row[3:] for row in grid.rows}
    assert [cell.value - rows["SwinIR-Light"][0].value for cell in rows["HiT-SIR"][:2]] == pytest.approx(
        [0.5, 1], abs=0.01
    )
    assert [cell.value for cell in rows["gain of the network"][:2]] == pytest.approx([0.5, 0.7], abs=0.01)
    assert [rows[name][2].value for name in ("SwinIR-Light", "HiT-SIR")] == pytest.approx([0.3, 0.5], abs=0.01)
    assert costed(config) == ["SwinIR-Light", "HiT-SIR"], "a recipe costs nothing to compute"
    alone = resolve({**RUN, "methods": {"SwinIR-Light": {}, "HiT-SIR": {}}})
    assert tables.make("recipes", table, alone).notes[0].startswith("No network of this run is trained by two recipes")


def test_stochastic_depth_is_of_the_recipe():
    config = resolve(RUN)
    rates = {name: entry["options"].get("drop_path") for name, entry in config["methods"].items()}
    assert list(rates.values()) == [0.1, 0, 0, 0.1]
    assert {conditions.network_differs(config, name) for name in rates} == {""}
    other = {"SwinIR-Light": {"recipe": "hit", "options": {"drop_path": 0.2}}}
    assert "drop_path=0.2" in conditions.network_differs(resolve({**RUN, "methods": other}), "SwinIR-Light")
    assert conditions.size_differs(resolve({**RUN, "methods": other}), "SwinIR-Light") == ""


def test_departures_from_the_authors_code():
    methods = {"SwinIR-NG": {"recipe": "SwinIR-NG"}, "HiT-SIR": {"recipe": "hit", "train": {"batch_size": 8}}}
    grid = tables.make("departures", pd.DataFrame({"kind": []}), resolve({**RUN, "methods": methods}))
    words = {row[1].text: [cell.text for cell in row] for row in grid.rows}
    for what in (
        "order of the images",
        "last images of an epoch",
        "precision of float32",
        "validation",
        "mixed precision",
    ):
        assert words[what][0] == "all" and all(words[what])
    assert words["batch_size"] == ["HiT-SIR", "batch_size", "64", "8"]
    assert any("mixed precision (ddp_engine_train.py" in text for text in words)
    assert any("commit 48c6b06" in note for note in grid.notes)
