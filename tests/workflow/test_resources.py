"""What each job asks a scheduler for, on one machine and by the profile for SLURM; planned, not run.

Threads on a cluster are not among it, since a dry run says one for each: tests/slurm asserts them on a real one.
"""

import re
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT

JOB = re.compile(r"^(?:local)?rule (\w+):\n(.*?)\n(?:\n|\[|$)", re.MULTILINE | re.DOTALL)
CONFIG = {
    "run": "planned-only",
    "methods": {"Bicubic": {}, "HiT-SIR": {}, "SwinIR-Light": {"train": {"processes": 4}}},
    "datasets": {
        "train": {"photographs": ["coffee"], "rows": [0, 0.5]},
        "test": {"photographs": ["camera"]},
    },
    "training_set": "train",
    "test_sets": ["test"],
    "train": {"batch_size": 4},
    "restore": {"threads": 3},
    "report": {"tables": ["main", "efficiency", "attention_cost"], "figures": ["resolutions", "attribution"]},
}
DEVICES = ("train", "restore", "latency", "attention_cost", "attribution")
NEEDS_GPU = {"train", "restore", "time", "time_resolutions", "time_attention", "attribute"}


def planned(folder, config: dict, *arguments: str) -> list[tuple[str, dict[str, str]]]:
    """Rule and resources, wildcards and threads of every job that a run would do."""
    (folder / "run.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "-n",
        *arguments,
        "--configfile",
        str(folder / "run.yaml"),
        "--",
        "all",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    jobs = []
    for rule, text in JOB.findall(output):
        fields = dict(re.findall(r"^    (\w+): (.*)$", text, re.MULTILINE))
        asked = dict(item.split("=", 1) for item in fields.get("resources", "").split(", ") if "=" in item)
        jobs.append((rule, {"threads": "1", "wildcards": "", **fields, **asked}))
    return jobs


@pytest.fixture(scope="module")
def on_slurm(tmp_path_factory):
    return planned(tmp_path_factory.mktemp("slurm"), CONFIG, "--profile", "profiles/slurm")


def test_gpus_of_a_training_are_its_processes(on_slurm):
    trainings = {job["wildcards"].split(",")[0]: job for rule, job in on_slurm if rule == "train"}
    assert {name: job["gpu"] for name, job in trainings.items()} == {"method=HiT-SIR": "1", "method=SwinIR-Light": "4"}
    swin = trainings["method=SwinIR-Light"]
    assert (swin["mem_mb"], swin["runtime"]) == ("32000", "1440")
    assert swin["slurm_extra"] == "--signal=TERM@300"


def test_gpus_are_asked_for_where_they_are_used(on_slurm):
    asked = {rule for rule, job in on_slurm if job.get("gpu", "0") != "0"}
    assert asked == NEEDS_GPU
    bicubic = next(job for rule, job in on_slurm if rule == "restore" and "method=Bicubic" in job["wildcards"])
    assert bicubic["gpu"] == "0"


def test_no_gpu_on_a_cpu(tmp_path):
    config = {**CONFIG, **{key: {**CONFIG.get(key, {}), "device": "cpu"} for key in DEVICES}}
    jobs = planned(tmp_path, config, "--profile", "profiles/slurm")
    assert {rule for rule, _ in jobs} >= NEEDS_GPU
    assert {job.get("gpu", "0") for _, job in jobs} == {"0"}


def test_every_job_of_the_cluster_has_partition_limit_and_memory(on_slurm):
    for rule, job in on_slurm:
        if rule != "all":
            assert job["slurm_partition"] == "gpu" and int(job["runtime"]) > 0 and int(job["mem_mb"]) > 0, rule


def test_timings_run_alone(on_slurm, tmp_path):
    """On a cluster on a node of their own; on one machine with all its cores, while others have theirs reserved."""
    for rule in ("time", "time_resolutions", "time_attention"):
        job = next(job for name, job in on_slurm if name == rule)
        assert job["slurm_extra"] == "--exclusive"
    local = planned(tmp_path, CONFIG, "--cores", "7")
    assert {job["threads"] for rule, job in local if rule in ("time", "time_resolutions", "time_attention")} == {"7"}
    restoring = {job["wildcards"].split(",")[0]: job["threads"] for rule, job in local if rule == "restore"}
    assert restoring == {"method=Bicubic": "1", "method=HiT-SIR": "3", "method=SwinIR-Light": "3"}


def test_three_lines_to_edit():
    lines = (ROOT / "profiles" / "slurm" / "config.yaml").read_text().splitlines()
    edited = [line.split(":")[0].strip() for line in lines if "EDIT:" in line]
    assert edited == ["slurm_partition", "slurm_account", "runtime"]
