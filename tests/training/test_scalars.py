"""Scalars for TensorBoard: what histories and saved states hold, read back by TensorBoard's own reader."""

import importlib.util

import pytest
from typer.testing import CliRunner

from hitsr.cli import app
from hitsr.results.layout import Layout
from hitsr.results.records import write_record
from hitsr.training import scalars
from hitsr.training.state import save_state

ROWS = [
    {"iteration": 20, "quantity": "loss", "unit": "", "value": 0.5},
    {"iteration": 40, "quantity": "loss", "unit": "", "value": 0.25},
    {"iteration": 40, "quantity": "test_psnr", "unit": "dB", "value": 30.5, "dataset": "Set5"},
]


def read(folder) -> dict[str, list[tuple[int, float]]]:
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = reading.EventAccumulator(str(folder)).Reload()
    return {tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_scalars_of_a_training_that_runs_ends_and_begins_anew(tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    monkeypatch.chdir(tmp_path)
    layout = Layout("demo")
    training, target = layout.train("HiT-SIR", 2, 0), layout.tensorboard / "HiT-SIR" / "x2" / "seed0"
    save_state(training / "state.pt", {"rows": ROWS[:1]})
    (own,) = scalars.curves(layout)
    assert own.update() == 1 and own.update() == 0
    write_record(training / "history.json", {"kind": "training", "rows": ROWS})
    assert own.update() == 2
    expected = {"loss": [(20, 0.5), (40, 0.25)], "test_psnr/Set5": [(40, 30.5)]}
    assert read(target) == expected
    done = CliRunner().invoke(app, ["tensorboard", "demo"], catch_exceptions=False)
    assert "3 scalars of 1 trainings: tensorboard --logdir results/demo/tensorboard" in done.output
    assert read(target) == expected, "written anew, nothing twice"
    write_record(training / "history.json", {"kind": "training", "rows": ROWS[1:2]})
    assert own.update() == 1 and read(target) == {"loss": [(40, 0.25)]}
    own.close()


def test_without_the_package_one_line_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    said = str(CliRunner().invoke(app, ["tensorboard", "demo"]).exception)
    assert said == "scalars for TensorBoard: missing: tensorboard; pip install 'hitsr[tensorboard]'"
    monkeypatch.undo()
    monkeypatch.setattr(scalars, "require", lambda: None)
    assert "no such run" in str(CliRunner().invoke(app, ["tensorboard", "nosuch"]).exception)
