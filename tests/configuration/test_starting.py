"""At the start of a workflow: everything is looked at once, and again when it changed."""

import subprocess

import numpy as np
import pytest

from hitsr.atomic import write_json
from hitsr.configuration import resolve
from hitsr.configuration.starting import check_once
from hitsr.configuration.steps import Steps
from hitsr.data.png import write_png
from hitsr.errors import ConfigError
from hitsr.results.layout import Layout

RUN = {
    "run": "mine",
    "methods": {"Bicubic": {}},
    "datasets": {"test": {"folder": "photographs"}, "unused": {"folder": "nowhere"}},
    "test_sets": ["test"],
}


def started(*jobs):
    """What the start of a workflow with such jobs does."""
    layout, steps = Layout("mine"), Steps(resolve(RUN))
    for noun, wildcards in jobs:
        steps.make(noun, **wildcards)
    write_json(layout.results / "config.json", RUN)
    check_once(layout.results / "config.json", steps.made, layout.checked)


def test_once_for_the_same_needs(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    job = ("prepare", {"dataset": "test", "scale": 2})
    write_png("photographs/a.png", np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "photographs" / "b.png").write_bytes(b"no image")
    with pytest.raises(ConfigError, match="no job was started"):
        started(job)
    assert "photographs/b.png: not an image of a format that is read" in capfd.readouterr().err
    (tmp_path / "photographs" / "b.png").unlink()
    started(job)
    assert "nothing is wrong: 1 headers of images read" in capfd.readouterr().err

    calls = []
    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *given, **keys: calls.append(given) or real(["true"], check=False))
    started(job)
    started(("table", {"name": "main"}))
    assert not calls, "the same needs, and what only draws, are not looked at again"
    write_png("photographs/a.png", np.ones((8, 8, 3), np.uint8))
    started(job)
    assert len(calls) == 1
