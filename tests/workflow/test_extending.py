"""The examples of docs/extending.md: each is copied into a checkout, and the small workflow runs with all of them."""

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from projects import Checkout

from hitsr.data.degradation import interpolate
from hitsr.data.images import read_rgb, write_png

BLOCK = re.compile(r'```\w+ title="([^"]+)"\n(.*?)```', re.DOTALL)
BASE = {
    "run": "extended",
    "datasets": {"train": {"photographs": ["coffee"], "rows": [0, 0.5]}},
    "training_set": "train",
    "train": {"iterations": 8, "batch_size": 1, "patch_size": 16, "log_every": 4, "checkpoint_every": 100},
    "complexity": {"output": [64, 48], "ptflops_scales": []},
    "latency": {"input": [24, 16], "repeats": 2, "warm_up": 0, "implementations": ["reference"]},
    "report": {"tables": ["main", "efficiency", "worst"], "figures": ["spread", "crops"], "crop_count": 1},
}
METHODS = ("Bicubic", "Tiny-Net", "Wide-Net", "My-Net", "Nearest-Tool", "Published", "Lanczos")


def merged(one: dict, other: dict) -> dict:
    return {**one, **{k: merged(one.get(k, {}), v) if isinstance(v, dict) else v for k, v in other.items()}}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the repository with every example of the page, after one run."""
    project = Checkout(tmp_path_factory.mktemp("extended"))
    config = BASE
    for name, text in BLOCK.findall((ROOT / "docs" / "extending.md").read_text()):
        path = project.folder / name
        if name == "run.yaml":
            config = merged(config, yaml.safe_load(text))
        elif path.exists():  # an entry of a catalogue
            path.write_text(f"{path.read_text()}\n{text}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    config["methods"].update({"Nearest-Tool": {}, "Lanczos": {"interpolation": "lanczos"}})
    photographs = project.folder / "photographs of mine"
    random = np.random.default_rng(0)
    for name, size in {"NA": (36, 48), "été": (40, 40)}.items():
        write_png(photographs / f"{name}.png", random.integers(0, 256, (*size, 3), np.uint8))
        published = random.integers(0, 256, (*size, 3), np.uint8)
        write_png(project.folder / "visual" / "mine" / "x2" / f"{name}_Published_x2.png", published)
    project.configure(config)
    project.config = config
    done = project.run()
    assert done.status == 0, done.output[-4000:]
    return project


def table(project, name: str) -> pd.DataFrame:
    path = project.folder / "reports" / "extended" / "tables" / f"{name}.csv"
    return pd.read_csv(path, keep_default_na=False)


def measured(project) -> pd.DataFrame:
    return pd.read_csv(project.folder / "results/extended/measurements.csv", keep_default_na=False, dtype=str)


def test_every_method_is_a_row(project):
    main = table(project, "main")
    assert set(METHODS) == set(main[main.columns[0]])
    scores = measured(project)
    for method in METHODS:
        found = scores[(scores.method == method) & (scores.quantity == "psnr")]
        assert set(found.image) == {"NA", "été"}, method


def test_declared_costs_are_marked_and_those_for_another_output_are_left_out(project):
    main, efficiency = (table(project, name).set_index("Method") for name in ("main", "efficiency"))
    for shown in (main, efficiency):
        assert shown.loc["Published", "#Params (K)"] == "694.0‡" and shown.loc["Published", "FLOPs (G)"] == ""
    notes = (project.folder / "reports" / "extended" / "tables" / "main.md").read_text()
    assert "- ‡: declared by the authors of Published, not measured: Table 2 of their paper; multiply-adds are" in notes


def test_a_program_is_scored_by_what_it_wrote(project):
    low = read_rgb(project.folder / "results/extended/data/mine/LR/x2/été.png")
    written = project.folder / "results/extended/restore/Nearest-Tool/x2/seed0/mine/été.png"
    expected = np.repeat(np.repeat(low, 2, axis=0), 2, axis=1)
    assert (read_rgb(written) == expected).all()
    other = project.folder / "results/extended/restore/Lanczos/x2/seed0/mine/été.png"
    assert (read_rgb(other) == interpolate(low, 2, "lanczos")).all()


def test_metric_table_figure_claim_and_back_end_are_there(project):
    scores, reports = measured(project), project.folder / "reports" / "extended"
    assert set(scores.backend) >= {"eager", "channels_last"}
    low = read_rgb(project.folder / "results/extended/data/mine/LR/x2/NA.png").astype(float)
    high = read_rgb(project.folder / "results/extended/data/mine/HR/NA.png").astype(float)
    error = np.abs(np.repeat(np.repeat(low, 2, 0), 2, 1) - high)[2:-2, 2:-2].mean()
    found = scores[(scores.method == "Nearest-Tool") & (scores.quantity == "mae") & (scores.image == "NA")]
    assert float(found.value.iloc[0]) == pytest.approx(error)
    assert any("MAE" in header for header in table(project, "main").columns)
    # of a plug-in, as the page shows them
    assert len(table(project, "worst")) == len(METHODS) + 2  # and two variants
    assert (reports / "figures" / "spread.svg").stat().st_size > 1000
    page = (reports / "report.html").read_text(encoding="utf-8")
    assert "Worst images" in page and "Spread of PSNR" in page
    assert "Tiny-Net has fewer parameters than Wide-Net" in (reports / "claims.md").read_text()
    variants = {f"Tiny-Net+loss={name}" for name in ("charbonnier", "narrow")}
    assert variants <= set(scores[scores.quantity == "psnr"].method)


def test_a_second_run_does_nothing_and_a_changed_file_what_uses_it(project):
    assert project.planned() == {}
    path = project.folder / "my_net.py"
    text = path.read_text()
    path.write_text(text.replace("padding=2)", "padding=2, bias=False)"))
    planned = project.planned()
    assert (planned["train"], planned["restore"], planned["score"], planned["count"]) == (1, 1, 1, 1)
    path.write_text(text)
    image = project.folder / "visual" / "mine" / "x2" / "NA_Published_x2.png"
    before = image.read_bytes()
    image.write_bytes(before + b"\0")
    planned = project.planned()
    assert (planned["restore"], planned["score"], "train" in planned) == (1, 1, False)
    image.write_bytes(before)


def refused(project, *words: str) -> None:
    done = project.run()
    said = " ".join(done.output.split())
    assert done.status != 0 and all(each in said for each in words), said[-3000:]
    assert "Traceback" not in said


def test_images_that_are_missing_or_do_not_fit_are_named(project):
    """Of authors before any job; of a program when it has run, which hides nothing else that is wrong."""
    path = project.folder / "visual" / "mine" / "x2" / "NA_Published_x2.png"
    away = path.rename(path.with_suffix(".away"))
    refused(project, "mine x2: no super-resolved image for NA (1 of 2)", "no job was started")
    write_png(path, np.zeros((8, 8, 3), np.uint8))
    program = project.folder / "baselines" / "nearest_tool" / "upscale.py"
    text = program.read_text()
    program.write_text(text.replace('glob("*.png"))', 'glob("*.png"))[1:]'))
    refused(
        project,
        "NA_Published_x2.png: 8x8 pixels, expected 48x36",
        "mine x2: no super-resolved image for NA (1 of 2); looked for results/extended/external/Nearest-Tool",
    )
    away.replace(path)
    program.write_text(text)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return image", "expected (1, 3, 40, 34)"),
        ("return self.upsample(image) * float('nan')", "not finite"),
        ("return self.upsample(image", "my_net.py"),
    ],
)
def test_networks_that_do_not_work_are_named(project, body, words):
    path = project.folder / "my_net.py"
    text = path.read_text()
    path.write_text(text.replace("return self.upsample(image)", body))
    try:
        # what the workflow runs before its first job
        done = subprocess.run(
            [sys.executable, "-P", "-m", "hitsr", "check", "--config", "run.yaml", "--no-images"],
            cwd=project.folder, env=project.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    finally:
        path.write_text(text)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0 and words in said and "Traceback" not in said, said[-3000:]
