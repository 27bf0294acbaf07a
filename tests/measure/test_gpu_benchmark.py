"""The GPU benchmark on a CPU: the same code path, the clock in place of CUDA events."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from hitsr.measure.time.rounds import Contestant, Setting

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
OPTIONS = {"dim": 16, "depths": [2], "heads": 2}
HIT = {**OPTIONS, "window_ratios": [0.5, 1]}
SETTING = Setting(2, warm_up=1, repeats=3, threads=1, device="cpu")


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import gpu_state
    import gpu_tables
    import gpu_timing

    return {"state": gpu_state, "tables": gpu_tables, "timing": gpu_timing}


def contestants():
    pairs = (("SwinIR-Light", OPTIONS), ("HiT-SIR", HIT))
    return [Contestant(name, name, own, f) for name, own in pairs for f in ("plain", "fast")]


def test_networks_in_turn_and_their_table(gpu):
    rows = gpu["timing"].together(contestants(), SETTING, (32, 24), "bfloat16")
    assert [(row["method"], row["formulation"]) for row in rows] == [(c.method, c.formulation) for c in contestants()]
    for row in rows:
        assert 0 < row["p10_ms"] <= row["median_ms"] <= row["p90_ms"] and row["error"] is None
        assert row["input"] == "32x24" and row["peak_memory_mib"] is None
    rows[0].update(median_ms=60.0, p10_ms=60.0, p90_ms=60.0)
    rows[2].update(median_ms=8.0, p10_ms=8.0, p90_ms=8.0)
    conditions = {"image": "1280x720", "gpu": None, "device": "cpu"}
    text = gpu["tables"].tables({"conditions": conditions, "parts": [{"rows": rows}]})
    line = next(line for line in text.splitlines() if "HiT-SIR" in line)
    # the paper prints 1899 and 249 ms
    assert line.endswith("| SwinIR-Light | 60.0 (60.0–60.0) | – | 7.50 | 7.6 |")


def test_a_mode_that_fails_says_why_and_the_others_go_on(gpu, monkeypatch):
    def refused(*_):
        raise RuntimeError("no compiler\nhere")

    monkeypatch.setattr(gpu["timing"], "compiled", refused)
    swinir = contestants()[1]
    rows = gpu["timing"].beside_eager(swinir, ["compile", "cuda-graphs"], SETTING, (16, 16), "float32")
    assert [row["error"] for row in rows] == [
        "RuntimeError: no compiler",
        "RuntimeError: CUDA graphs need a CUDA device",
    ]
    assert all(row["median_ms"] is None and row["eager_median_ms"] > 0 for row in rows)


def test_out_of_memory_is_a_result(gpu, monkeypatch):
    build = gpu["timing"].fresh

    def fresh(contestant, setting):
        if contestant.method == "HiT-SIR" and contestant.formulation == "plain":
            return exhausted
        return build(contestant, setting)

    def exhausted(_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.\nMore")

    monkeypatch.setattr(gpu["timing"], "fresh", fresh)
    rows = gpu["timing"].together(contestants(), SETTING, (16, 16), "float32")
    assert [row["error"] for row in rows] == [
        None, None, "out of memory: CUDA out of memory. Tried to allocate 9 GiB.", None,
    ]  # fmt: skip
    assert [row["median_ms"] is None for row in rows] == [False, False, True, False]


def test_what_nvidia_smi_does_not_tell_is_none(gpu):
    fields = ("name", "power.limit", "clocks.sm", "temperature.gpu")
    parsed = gpu["state"].parsed("NVIDIA H100 PCIe, 350.00, [N/A], 41\n", fields)
    assert parsed == {"name": "NVIDIA H100 PCIe", "power.limit": 350.0, "clocks.sm": None, "temperature.gpu": 41.0}
    assert gpu["state"].parsed("No devices were found", fields) is None


def test_the_command_goes_on_where_it_was_and_refuses_other_conditions(tmp_path):
    output = tmp_path / "gpu.json"

    def run(*options):
        command = [sys.executable, FOLDER / "gpu.py", "--device", "cpu", "--image", "32x32", "--method", "SwinIR-Light"]
        command += ["--precision", "float32", "--warm-up", "0", "--output", output, *options]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True)

    assert run("--scale", "4", "--repeats", "1").returncode == 0
    first = json.loads(output.read_text())
    assert len(first["parts"]) == 1 and first["runs"][0]["command"].startswith("python benchmarks/gpu.py --device cpu")
    assert run("--scale", "2", "4", "--repeats", "1").returncode == 0
    second = json.loads(output.read_text())
    assert second["parts"][0] == first["parts"][0] and [part["run"] for part in second["parts"]] == [0, 1]
    assert [row["input"] for row in second["parts"][1]["rows"]] == ["16x16", "16x16"]
    other = run("--scale", "4", "--repeats", "2")
    assert other.returncode == 1 and "other conditions (repeats 1 there, 2 now)" in other.stderr
    assert json.loads(output.read_text()) == second
