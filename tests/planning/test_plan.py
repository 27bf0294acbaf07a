"""The whole plan of a small run: counts by hand, hours from given times, sizes from images, what is done already."""

import json

import numpy as np
import pytest
import yaml
from conftest import ROOT
from planned import RAW
from typer.testing import CliRunner

from hitsr import cli
from hitsr.configuration import resolve
from hitsr.data.images import read_rgb, write_png
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.errors import ConfigError, PlanError
from hitsr.networks.registry import build
from hitsr.planning import disk, jobs, show
from hitsr.planning.workload import trainings

TIMES = ["--step-time", "SwinIR-Light=0.72", "--step-time", "HiT-SIR=0.36"]


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """Plan a configuration by the command line; returns the plan as JSON."""
    monkeypatch.chdir(ROOT)

    def run(raw, *arguments):
        config, output = tmp_path / "run.yaml", tmp_path / "plan.json"
        config.write_text(yaml.safe_dump(raw, sort_keys=False))
        command = ["plan", "--configfile", str(config), "--output", str(output), *arguments]
        done = CliRunner().invoke(cli.app, command, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(output.read_text()), done.output

    return run


def test_the_plan_of_a_small_run(planned):
    plan, shown = planned(RAW, *TIMES, "--gpus", "2")
    rows = {row["method"]: row for row in plan["rows"]}
    # two scales and two seeds; the variant at the first scale alone
    assert {name: (row["trainings"], row["to_do"]) for name, row in rows.items()} == {
        "SwinIR-Light": (4, 4),
        "SwinIR-Light+recipe=hit": (4, 4),
        "HiT-SIR": (4, 4),
        "HiT-SIR+windows=fixed8": (2, 2),
    }
    # x3 of SwinIR-Light is fine-tuned for 500 iterations
    assert rows["SwinIR-Light"]["iterations"] == 2 * (1000 + 500)
    assert rows["SwinIR-Light+recipe=hit"]["iterations"] == rows["HiT-SIR"]["iterations"] == 4000
    assert rows["SwinIR-Light"]["hours"] == pytest.approx(3000 * 0.72 / 3600)
    assert rows["HiT-SIR+windows=fixed8"]["hours"] == pytest.approx(2000 * 0.36 / 3600)
    assert plan["totals"]["hours"] == pytest.approx((7000 * 0.72 + 6000 * 0.36) / 3600)
    # two seeds on two devices: nothing waits
    assert plan["totals"]["wall_hours"] == pytest.approx(plan["totals"]["hours"] / 2)
    counts = plan["jobs"]
    assert counts["train"] == 14 and counts["count"] == 2 * 2 + 1
    assert counts["restore"] == counts["score"] == 14 + 2
    assert "all" not in counts and plan["totals"]["jobs"] == sum(counts.values())
    assert f"snakemake --cores 2 --resources gpu=2 --configfile {plan['config']} -- all" == plan["command"]
    assert "given" in plan["notes"][0] and "0.36" in shown
    for cell in ("13,000", "GPU-hours", "super-resolved images", "14"):
        assert cell in shown


def test_a_run_whose_report_needs_no_weights(planned):
    counted = {key: value for key, value in RAW.items() if key not in ("test_sets", "ablations")}
    counted["report"] = {"tables": ["complexity"], "figures": []}
    plan, shown = planned(counted)
    assert plan["rows"] == [] and plan["totals"]["hours"] == 0 and set(plan["jobs"]) >= {"count", "page"}
    assert "train" not in plan["jobs"] and "Nothing is trained" in shown


def test_trainings_that_are_done_are_left_out(tmp_path, monkeypatch):
    """From what a dry run prints: some trainings are not among its jobs."""
    text = (
        "Job stats:\njob      count\n-----  -------\nall          1\ntrain        1\nscore        2\ntotal        4\n\n"
        "rule train:\n    input: a\n"
        "    output: results/planned/train/HiT-SIR+windows=fixed8/x2/seed1/weights.safetensors, b\n\n"
        "Job stats:\njob      count\n-----  -------\nall          1\ntrain        1\n"
    )
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        jobs.subprocess, "run", lambda *a, **k: type("Done", (), {"returncode": 0, "stdout": text, "stderr": ""})
    )
    found = jobs.dry_run(tmp_path / "run.yaml")
    assert found.counts == {"train": 1, "score": 2}
    assert found.trainings == {("HiT-SIR+windows=fixed8", 2, 1)}


def test_the_table_of_times_can_be_taken_elsewhere(planned, tmp_path, monkeypatch):
    everything = {training.key for training in trainings(resolve(RAW))}
    monkeypatch.setattr(jobs, "dry_run", lambda config: jobs.Jobs({"train": len(everything)}, everything))
    table = tmp_path / "times.csv"
    first, _ = planned(RAW, *TIMES)
    command = ["plan", "-c", str(tmp_path / "run.yaml"), *TIMES, "-o", str(table)]
    assert CliRunner().invoke(cli.app, command).exit_code == 0
    again, _ = planned(RAW, "--step-times", str(table))
    assert again["totals"] == first["totals"]


def test_disk(tmp_path):
    config = resolve(RAW)
    wanted = trainings(config)
    networks = {name: entry for name, entry in {**config["methods"], **config["variants"]}.items() if entry["network"]}
    parameters = {
        name: sum(p.numel() for p in build(entry["network"], 2, **entry["options"]).parameters())
        for name, entry in networks.items()
    }
    found = {item.what: item.bytes for item in disk.items(config, wanted, parameters)}
    height, width, _ = read_rgb(PHOTOGRAPHS["coffee"].path).shape
    # HR, and the low-resolution images of x2 and x3
    assert found["a, packed"] == pytest.approx(3 * height * width * (1 + 1 / 4 + 1 / 9))
    assert found["weights"] == 4 * sum(parameters[training.method] for training in wanted)
    assert found["saved states"] == 3 * found["weights"]
    height, width, _ = read_rgb(PHOTOGRAPHS["chelsea"].path).shape
    # bicubic once per scale, each network per scale and seed, the variant per seed
    assert found["super-resolved images"] == pytest.approx((2 + 3 * 4 + 2) * height * width * disk.PNG)


def test_pixels_of_a_folder_of_a_known_set_and_of_an_unknown_one(tmp_path, random):
    folder = tmp_path / "HR"
    for name, (height, width) in {"one": (10, 20), "two": (4, 5), "three": (7, 7)}.items():
        write_png(folder / f"{name}.png", random.integers(0, 256, (height, width, 3), dtype=np.uint8))
    sets = {
        "mine": {"folder": str(tmp_path), "exclude": ["three"], "rows": [0, 0.5]},
        "chosen": {"folder": str(folder), "images": ["three"]},
        "Urban100": {"folder": "nowhere"},
        "somewhere": {"public": "Urban100"},
        "unknown": {"folder": "nowhere"},
    }
    config = {"run": "planned", "scales": [2], "data_root": str(tmp_path), "datasets": sets}
    assert disk.pixels(config, "mine") == (110, "measured")
    assert disk.pixels(config, "chosen") == (49, "measured")
    assert disk.pixels(config, "Urban100") == (100 * 984 * 797, "published size")
    assert disk.pixels(config, "somewhere") == (100 * 984 * 797, "published size")
    for number in range(100):
        write_png(tmp_path / "benchmark" / "Urban100" / f"img{number:03d}.png", np.zeros((2, 3, 3), np.uint8))
    assert disk.pixels(config, "somewhere") == (600, "measured")
    assert disk.pixels(config, "unknown") is None


def test_downloads_are_those_that_are_not_there(tmp_path):
    paper = yaml.safe_load((ROOT / "config" / "paper.yaml").read_text())
    config = resolve({**paper, "run": "planned", "data_root": str(tmp_path)})
    parameters = {training.method: 1 for training in trainings(config)}

    def downloads() -> disk.Item:
        items = disk.items(config, trainings(config), parameters)
        return next(item for item in items if item.what.startswith("downloads"))

    # DIV2K's two archives, and one with all test sets but that which needs consent
    assert downloads().bytes == 3_530_603_713 + 448_993_893 + 250_112_000
    assert downloads().basis.endswith("not known: Manga109")
    for number in range(801, 901):
        write_png(tmp_path / "DIV2K" / "DIV2K_valid_HR" / f"{number:04d}.png", np.zeros((2, 3, 3), np.uint8))
    assert downloads().bytes == 3_530_603_713 + 250_112_000


def test_published_sizes_are_near_the_images(shared):
    for name, folder in {"Set5": "Set5", "Set14": "Set14", "B100": "BSD100"}.items():
        datasets = {name: {"folder": str(shared / "data" / folder)}}
        config = {"run": "planned", "scales": [2], "data_root": "datasets", "datasets": datasets}
        images, pixels = disk.PUBLISHED[name]
        assert disk.pixels(config, name)[0] == pytest.approx(images * pixels, rel=0.1)


def test_mistakes(planned, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"--output plan.txt: expected a name that ends in .json, .md, .csv"):
        CliRunner().invoke(cli.app, ["plan", "-o", "plan.txt"], catch_exceptions=False)
    broken = {**RAW, "datasets": {**RAW["datasets"], "b": {"photographs": ["coffee"]}}}
    (tmp_path / "broken.yaml").write_text(yaml.safe_dump(broken))
    with pytest.raises(PlanError, match=r"broken.yaml: Snakemake cannot plan this run: .*'coffee' is also trained"):
        jobs.dry_run(tmp_path / "broken.yaml")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PlanError, match="no Snakefile in"):
        jobs.dry_run(tmp_path / "broken.yaml")


def test_sizes_for_readers():
    assert [show.size(count) for count in (12, 2048, 3.5 * 2**20, 70 * 2**30, 5 * 2**40)] == [
        "12 B", "2 KiB", "3.5 MiB", "70 GiB", "5 TiB",
    ]  # fmt: skip
