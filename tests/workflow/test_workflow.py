"""The real workflow on a small run: killed and continued, then changed in one place after the other."""

import importlib.util
import json
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from projects import Checkout

from hitsr.data.images import write_png

CONFIG = {
    "run": "test",
    "methods": {
        "Bicubic": {},
        "SwinIR-Light": {"options": {"dim": 16, "depths": [1], "heads": 2}},
        "HiT-SIR": {"options": {"dim": 16, "depths": [1], "heads": 2, "window_ratios": [0.5]}},
    },
    "datasets": {
        "train": {"photographs": ["coffee"], "rows": [0, 0.5]},
        "validation": {"photographs": ["coffee"], "rows": [0.5, 0.7]},
        "test": {"photographs": ["camera"]},
    },
    "training_set": "train",
    "validation_set": "validation",
    "test_sets": ["test"],
    "train": {
        "iterations": 80, "batch_size": 1, "patch_size": 16, "validate_every": 40, "log_every": 20,
        "checkpoint_every": 10,
    },
    "complexity": {"output": [64, 48], "ptflops_scales": [], "published_size": False},
    "latency": {
        "input": [24, 16], "repeats": 2, "warm_up": 0,
        "resolutions": {"sizes": [[16, 8]], "methods": ["HiT-SIR"], "repeats": 1},
    },
    "attribution": {"methods": ["HiT-SIR"], "crop": 24, "steps": 2, "positions": 1},
    "report": {
        "figures": ["cost", "crops", "resolutions", "receptive_field"],
        "crops": [{"dataset": "test", "image": "camera", "x": 8, "y": 8, "width": 32, "height": 24}],
    },
}  # fmt: skip


def killed_when(project: Checkout, pattern: str) -> None:
    """Start a run and `kill -9` it, with all its children, once a file like `pattern` appears."""
    process = project.start()
    deadline = time.monotonic() + 200
    while not list(project.folder.glob(pattern)):
        assert process.poll() is None, f"the run ended before {pattern} appeared"
        assert time.monotonic() < deadline, f"{pattern} never appeared"
        time.sleep(0.02)
    process.kill_all()


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Checkout:
    """A finished run that was killed while training and drawing."""
    project = Checkout(tmp_path_factory.mktemp("project"), CONFIG)
    for pattern in ("train/*/x2/seed0/state.pt", "logs/figure/*.log"):
        killed_when(project, f"results/test/{pattern}")
    done = project.run()
    assert done.status == 0, done.output
    return project


def test_nothing_is_left_half_done(project):
    results, reports = project.folder / "results" / "test", project.folder / "reports" / "test"
    assert not list(results.rglob("state*.pt")) and not list(project.folder.rglob(".*.????????.*"))
    for path in results.rglob("*.json"):
        json.loads(path.read_text())
    table = pd.read_csv(results / "measurements.csv")
    assert set(table[table.quantity == "psnr"].method) == set(CONFIG["methods"])
    assert set(table[table.quantity == "latency_median"].method) == {"SwinIR-Light", "HiT-SIR"}
    for name in ("report.html", "tables/main.tex", "tables/efficiency.csv", "figures/crops.pdf", "figures/cost.svg"):
        assert (reports / name).stat().st_size > 0


def test_a_killed_training_goes_on(project):
    logs = [path.read_text() for path in (project.folder / "results" / "test" / "logs" / "train").glob("*.log")]
    assert any("goes on from iteration" in log for log in logs)


def test_provenance_is_complete(project):
    for kind in ("score", "count", "time", "attribute", "train"):
        for path in (project.folder / "results" / "test" / kind).rglob("*.json"):
            origin = json.loads(path.read_text())["provenance"]
            for key in ("config_digest", "source_digest", "versions", "hardware", "started", "duration_s"):
                assert origin[key], f"{path}: {key}"
            assert origin["command"].startswith("hitsr ")
            assert origin["hardware"]["cpu"] and origin["threads"] is not None or kind == "score"


def test_a_second_run_does_nothing_and_plans_without_torch(project, tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("raise ImportError('torch was imported')")
    path = f"{tmp_path}{os.pathsep}{project.folder}"
    monkeypatch.setattr(Checkout, "environment", {**project.environment, "PYTHONPATH": path})
    assert project.planned() == {}


def test_results_that_were_copied_are_not_made_again(project, tmp_path):
    """`cp`, `rsync` and object storage give files the times of the copy, in any order, without what Snakemake noted."""
    copy = Checkout(tmp_path / "copy", CONFIG)
    shutil.copytree(project.folder / "results", copy.folder / "results", copy_function=shutil.copyfile)
    files = sorted(path for path in (copy.folder / "results").rglob("*") if path.is_file())
    now = time.time()
    for number, path in enumerate(files):
        # data and weights newer than what was made of them
        age = 1000 * ("data" not in path.parts) + 100 * (path.name != "weights.safetensors") + number % 7
        os.utime(path, (now - age, now - age))
    assert set(copy.planned()) <= {"collect", "crops", "table", "figure", "claims", "page", "all"}


def test_one_table_or_figure_is_made_alone(project):
    main = project.folder / "reports/test/tables/main.tex"
    away = main.rename(main.with_suffix(".away"))
    assert project.planned("reports/test/tables/main.tex") == {"table": 1}
    away.rename(main)
    assert project.planned("reports/test/tables/complexity.tex") == {"table": 1}  # not in the run's own report
    done = project.run("-n", target="reports/test/tables/table9.tex")
    assert done.status != 0 and "unknown table 'table9'; there are attention_cost, " in done.output


def test_what_is_drawn_otherwise_is_redrawn(project):
    """The style of the page redoes the page alone; a colour the figures, too."""
    path = project.folder / "hitsr" / "report" / "page" / "page.css"
    text = path.read_text()
    path.write_text(text.replace("#0b5c9c", "#123456"))
    assert project.planned() == {"page": 1}
    path.write_text(text)
    methods = {**CONFIG["methods"], "HiT-SIR": {**CONFIG["methods"]["HiT-SIR"], "colour": "#123456"}}
    project.configure({**CONFIG, "methods": methods})
    assert project.planned() == {"figure": 4, "page": 1}
    project.configure(CONFIG)


def test_a_training_key_retrains_its_method(project):
    methods = {**CONFIG["methods"], "HiT-SIR": {**CONFIG["methods"]["HiT-SIR"], "train": {"learning_rate": 0.01}}}
    project.configure({**CONFIG, "methods": methods})
    assert project.planned() == {
        "train": 1,
        "restore": 1,
        "score": 1,
        "attribute": 1,
        "collect": 1,
        "crops": 1,
        "table": 2,
        "figure": 4,
        "claims": 1,
        "page": 1,
    }
    project.configure(CONFIG)


def test_mathematics_retrains_and_comments_do_not(project):
    path = project.folder / "hitsr" / "networks" / "blocks" / "correlation.py"
    text = path.read_text()
    path.write_text(text + "\n# a remark\n")
    assert project.planned() == {}
    path.write_text(text.replace("/ query.shape[1]", "/ (query.shape[1] + 1)"))
    planned = project.planned()
    assert (planned["train"], planned["restore"], planned["count"], planned["time"]) == (1, 1, 1, 1)
    assert (planned["attribute"], planned["time_resolutions"]) == (1, 1)
    path.write_text(text)


def test_a_typo_stops_the_run_with_one_line(project):
    project.configure({**CONFIG, "trian": {}})
    done = project.run("-n")
    project.configure(CONFIG)
    assert done.status != 0
    assert "config.trian: unknown key; did you mean 'train'" in done.output
    assert "Traceback" not in done.output


def test_a_broken_image_stops_what_needs_it_and_keeps_the_rest(project):
    folder = project.folder / "photos"
    folder.mkdir()
    (folder / "broken.png").write_bytes(b"not an image")
    datasets = {**CONFIG["datasets"], "mine": {"folder": "photos"}}
    project.configure({**CONFIG, "datasets": datasets, "test_sets": ["test", "mine"]})
    done = project.run()
    project.configure(CONFIG)
    assert done.status != 0
    assert "photos/broken.png: not an image" in done.output
    assert not (project.folder / "results" / "test" / "data" / "mine" / "x2.json").exists()
    assert (project.folder / "results" / "test" / "train" / "HiT-SIR" / "x2" / "seed0" / "weights.safetensors").exists()


def test_public_data_are_adopted_and_looked_through(project, monkeypatch):
    """The workflow takes Set5 from a customary folder, and says what to do by hand for a set that is not there."""
    monkeypatch.delenv("HITSR_DATA", raising=False)
    folder = project.folder / "datasets" / "benchmark" / "Set5" / "HR"
    folder.mkdir(parents=True)
    package = Path(importlib.util.find_spec("skimage").origin).parent / "data"
    shutil.copy(package / "camera.png", folder)
    for number, name in enumerate(("astronaut", "brick", "chelsea", "coffee")):
        small = np.random.default_rng(number).integers(0, 256, (48, 64, 3), np.uint8)
        write_png(folder / f"{name}.png", small)
    datasets = {"train": CONFIG["datasets"]["test"], "Set5": {"public": "Set5"}, "Manga109": {"public": "Manga109"}}
    config = {**CONFIG, "run": "public", "training_set": "train", "validation_set": None, "datasets": datasets}
    # without a network there is nothing to build before the first job
    config |= {"methods": {"Bicubic": {}}, "latency": {}, "attribution": {}}
    project.configure({**config, "test_sets": ["Set5"], "report": {"figures": []}})
    done = project.run(target="results/public/leaks.json")
    assert done.status == 0, done.output
    assert "LEAK: camera of train (training) is the photograph camera of Set5 (test)" in done.output
    project.configure({**config, "test_sets": ["Set5", "Manga109"], "report": {"figures": []}})
    done = project.run(target="results/public/leaks.json")
    project.configure(CONFIG)
    assert done.status != 0
    assert "By hand: Its authors give it only to those who agree to its terms" in done.output
