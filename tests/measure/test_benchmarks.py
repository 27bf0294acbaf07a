"""The scripts of benchmarks/: they start without an installed package, explain, go on where they were, refuse."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

from hitsr.errors import ResultError
from hitsr.measure.time.campaign import Campaign, size_of
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.gpu import Watch, gpu_state, parsed
from hitsr.results.records import read_record, write_record

FOLDER = ROOT / "benchmarks"
BARE = f"{Path(__file__).with_name('misbehaving.py')}:Nearest"
SETTING = Setting(2, warm_up=0, repeats=1, threads=1, device="cpu")
UNINSTALLED = """
import runpy, sys
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "").lower()
                 and "editable" not in getattr(finder, "__name__", "").lower()]
sys.path = [entry for entry in sys.path if not entry.startswith(sys.argv[1]) or "site-packages" in entry]
for name in ("fvcore", "ptflops", "snakemake", "imagehash"):
    sys.modules[name] = None
sys.path.insert(0, sys.argv[1] + "/benchmarks")
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def script(name: str, *options: object, folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, FOLDER / name, *options]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=folder)


SCRIPTS = (
    "exports",
    "implementations",
    "gpu",
    "operations",
    "parts",
    "precision",
    "runtimes",
    "speedup",
    "training_input",
)
HELP = """
import runpy, sys
from contextlib import suppress
folder, *names = sys.argv[1:]
sys.path.insert(0, folder)
for name in names:
    sys.argv = [f"{folder}/{name}.py", "--help"]
    with suppress(SystemExit):
        runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_help_teaches(tmp_path):
    """Of all in one process, as each imports PyTorch."""
    command = [sys.executable, "-c", HELP, str(FOLDER), *SCRIPTS]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name, said in zip(SCRIPTS, done.stdout.split("usage: ")[1:], strict=True):
        assert said.startswith(f"{name}.py ") and f"  {name}.py " in said, said
    assert not list(tmp_path.iterdir())


def test_gpu_without_an_installed_package_and_without_a_gpu(tmp_path):
    command = [sys.executable, "-c", UNINSTALLED, str(ROOT), str(FOLDER / "gpu.py"), "--scale", "4", "--repeats", "1"]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 1
    assert done.stderr == "error: device: cuda was asked for, but PyTorch finds no CUDA device; use 'auto' or 'cpu'\n"
    command += ["--device", "cpu", "--image", "64x48", "--method", "SwinIR-Light", "--precision", "float32"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert "| SwinIR-Light | optimized | eager |" in done.stdout
    record = read_record(tmp_path / "results/benchmarks/gpu.json")
    (part,) = record["parts"].values()
    assert {row["input"] for row in part["rows"]} == {"16x12"} and part["provenance"]["threads"] == 1


def test_the_page_about_gpus_shows_what_was_measured(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import kernels

    published, page = ROOT / "results/published/gpu-h200", (ROOT / "docs/gpu.md").read_text(encoding="utf-8")
    copy = tmp_path / "gpu.json"
    copy.write_bytes((published / "gpu.json").read_bytes())
    done = script("speedup.py", copy, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in page
    assert kernels.table(read_record(published / "kernels.json")["rows"]) in page
    assert (tmp_path / "speedup.png").stat().st_size > 10_000


def test_the_page_about_performance_shows_what_was_measured(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import exports
    import implementations
    import operations
    import parts as in_parts
    import precision
    import runtimes
    import speedup

    published, page = ROOT / "results/published", (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    parts = read_record(published / "runtimes-cpu.json")["parts"]
    pair = "SwinIR-Light", "HiT-SIR"
    shown = [speedup.table({pair: runtimes.steps(parts, *pair, size, 1)}) for size in ("160x90", "320x180")]
    shown += [precision.table(read_record(published / "precision-cpu.json")["rows"])]
    shown += [runtimes.scaling(read_record(published / "threads-cpu.json")["parts"], "160x90", [1, 2])]
    shown += [exports.table(read_record(published / "exports-cpu.json")["rows"])]
    shown += [operations.table(read_record(published / "operations-cpu.json")["rows"])]
    shown += [in_parts.table(read_record(published / "parts-cpu.json")["rows"])]
    parts = read_record(published / "implementations-cpu.json")["parts"]
    shown += [implementations.table(found) for found in implementations.titled(parts).values()]
    assert all(table in page for table in shown)


def test_a_campaign_goes_on_and_measures_again_what_has_changed(tmp_path, monkeypatch):
    path, asked = tmp_path / "parts.json", []
    contestants = [Contestant("Mine", BARE, {}, "reference")]

    def part(name, setting=SETTING):
        from hitsr.measure.time import campaign
        from hitsr.measure.time.rounds import measure

        monkeypatch.setattr(campaign, "measure", lambda *given: asked.append(name) or measure(*given))
        return Campaign(path, "cpu").part(name, contestants, setting, [(8, 8)])

    first = part("a")
    part("b")
    assert part("a") == first and asked == ["a", "b"]
    assert set(read_record(path)["parts"]) == {"a", "b"}
    part("a", Setting(2, 0, 2, 1, "cpu"))
    assert asked == ["a", "b", "a"]
    monkeypatch.setattr("hitsr.measure.time.record.source_digest", lambda *modules: "another source")
    part("a", Setting(2, 0, 2, 1, "cpu"))
    assert asked == ["a", "b", "a", "a"]
    record = read_record(path)
    write_record(path, {**record, "conditions": {**record["conditions"], "torch": "1.8"}})
    with pytest.raises(ResultError, match=r"other conditions \(torch 1.8 there, .* now\); give another --output"):
        Campaign(path, "cpu")


@pytest.fixture
def gpu_script(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import gpu

    return gpu


def test_families_and_the_papers_ratio(gpu_script):
    names = ["HiT-SIR", "CARN", "SwinIR-Light", "HiT-SNG"]
    assert gpu_script.families(names) == [["SwinIR-Light", "HiT-SIR"], ["CARN"], ["HiT-SNG"]]
    times = {"SwinIR-Light": 60.0, "HiT-SIR": 8.0}
    shared = {"implementation": "optimized", "backend": "eager"}
    rows = [
        {"method": method, **shared, "quantity": f"latency_{name}", "value": value}
        for method, value in times.items()
        for name in ("median", "p10", "p90")
    ]
    text = gpu_script.table({"rows": rows}, ["SwinIR-Light", "HiT-SIR"], of_paper=True)
    # the paper prints 1899 and 249 ms
    assert text.splitlines()[-1] == "| HiT-SIR | optimized | eager | 8.0 (8.0–8.0) | – | 7.50× | 7.6× |"


def test_sizes():
    assert size_of("1280x720") == (1280, 720)
    for text in ("1280", "axb", "0x4", "1x2x3"):
        with pytest.raises(ResultError, match="expected a size"):
            size_of(text)


def test_what_nvidia_smi_does_not_tell_is_none():
    fields = ("name", "power.limit", "clocks.sm", "temperature.gpu")
    found = parsed("NVIDIA H100 PCIe, 350.00, [N/A], 41\n", fields)
    assert found == {"name": "NVIDIA H100 PCIe", "power.limit": 350.0, "clocks.sm": None, "temperature.gpu": 41.0}
    assert parsed("No devices were found", fields) is None


def test_a_gpu_is_watched_while_it_works(tmp_path, monkeypatch):
    """By a program that says what nvidia-smi would, with a clock that falls."""
    program = tmp_path / "nvidia-smi"
    program.write_text(
        f"""#!{sys.executable}
import sys
import time
from pathlib import Path
count = Path({str(tmp_path / "count")!r})
number = int(count.read_text()) if count.exists() else 0
count.write_text(str(number + 1))
fields = sys.argv[2].removeprefix("--query-gpu=").split(",")
given = {{"name": "GPU A", "clocks.sm": str(1980 - 10 * number), "temperature.gpu": "60"}}
print(", ".join(given.get(field, "[N/A]") for field in fields))
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("hitsr.measure.time.gpu.PAUSE", 0.01)
    with Watch("GPU-1") as watch:
        while len(watch._seen) < 3:
            time.sleep(0.01)
    found = watch.summary()
    assert found["name"] == "GPU A" and found["clocks.sm"][2] == 1980 and found["clocks.sm"][0] <= 1960
    assert found["temperature.gpu"] == [60, 60, 60] and found["power.draw"] is None
    with Watch(None) as nothing:
        pass
    assert nothing.summary() is None and json.dumps(gpu_state("GPU-1"))
