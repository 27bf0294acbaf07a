"""What run.sh asserts, from SLURM's record of finished jobs, Snakemake's log, our logs and the weights.

check.py iterations SECONDS    iterations of HiT-SIR that take so long
check.py all WORK NODE         everything; NODE was drained
"""

import math
import re
import sys
import time
from pathlib import Path

import torch
import yaml
from safetensors.numpy import load_file

from hitsr.measure.time.contestants import Setting
from hitsr.measure.time.tasks import training
from hitsr.networks.registry import build

RESULTS, REFERENCE = Path("results/slurm"), Path("results/slurm-reference")
RULES = {
    "prepare", "pack", "leaks", "train", "restore", "score", "count", "time", "time_resolutions", "time_attention",
    "attribute",
}  # fmt: skip
"""Rules that run on the cluster; the others take seconds, on the machine that Snakemake runs on."""
ALONE = ("time", "time_resolutions", "time_attention")
HIT, SWIN = "train HiT-SIR_2_0", "train SwinIR-Light_2_0"


def iterations(seconds: float) -> int:
    """Iterations of HiT-SIR that take so long where nothing else runs: counted in CPU time, whatever else does."""
    config = yaml.safe_load(Path(__file__).with_name("config.yaml").read_text())
    setting = Setting(2, 0, 1, 1, "cpu", task="training", batch=config["train"]["batch_size"])
    torch.set_num_threads(1)
    patch = torch.rand(1, 3, config["train"]["patch_size"], config["train"]["patch_size"])
    ready = training(build("HiT-SIR", 2, **config["methods"]["HiT-SIR"]["options"]), patch, setting)
    for _ in range(20):
        ready.work()
    start = time.process_time()
    for _ in range(100):
        ready.work()
    return math.ceil(100 * seconds / (time.process_time() - start))


def jobs(work: Path) -> dict[str, list[dict[str, str]]]:
    """SLURM's records of finished jobs in the order of submission, by rule and wildcards."""
    lines = (work / "cluster/jobs.txt").read_text().splitlines()
    records = {record["JobId"]: record for record in (dict(re.findall(r"(\w+)=(\S*)", line)) for line in lines)}
    log = (work / "snakemake.log").read_text()
    submitted = re.findall(r"submitted with SLURM jobid (\d+) \(log: .*/rule_(\w+)/(?:(\S+)/)?\d+\.log\)", log)
    found: dict[str, list[dict[str, str]]] = {}
    for number, rule, wildcards in submitted:
        found.setdefault(f"{rule} {wildcards}".strip(), []).append(records[number])
    return found


def states(records: list[dict[str, str]]) -> list[str]:
    return [record["JobState"] for record in records]


def every_rule_ran(found: dict[str, list[dict[str, str]]]) -> None:
    """Each on the cluster, and each job to completion; only the two trainings had to be submitted again."""
    assert {name.split()[0] for name in found} == RULES, found.keys()
    for name, records in found.items():
        rule = name.split()[0]
        assert states(records)[-1] == "COMPLETED", (name, states(records))
        assert name in (HIT, SWIN) or len(records) == 1, (name, states(records))
        # of the two CPUs of a node, a training on two threads has both, and so has a timing, which runs alone
        cpus = "2" if rule in ALONE or name == SWIN else "1"
        assert {record["ProcCnt"] for record in records} == {cpus}, (name, records)
    page = Path("reports/slurm/report.html")
    assert page.stat().st_size > 0, page


def killed_once(found: dict[str, list[dict[str, str]]]) -> None:
    """SLURM says FAILED, then COMPLETED; the second job went on from a saved state."""
    assert states(found[SWIN]) == ["FAILED", "COMPLETED"], states(found[SWIN])
    log = (RESULTS / "logs/train/SwinIR-Light-x2-seed0.log").read_text()
    assert re.search(r"goes on from iteration [1-9]", log), log


def drained(found: dict[str, list[dict[str, str]]], work: Path, node: str) -> None:
    """Jobs ran on the node and others waited; none started on it afterwards, and others did elsewhere."""
    queue = [line.split() for line in (work / "queue.txt").read_text().splitlines()]
    trainings = {record["JobId"] for record in found[HIT]}
    assert any(job[0] in trainings and job[1] == "RUNNING" and job[2] == node for job in queue), queue
    assert any(job[1] == "PENDING" for job in queue), queue
    moment = (work / "drained-at.txt").read_text().strip()
    later = [record for records in found.values() for record in records if record["StartTime"] > moment]
    assert later and all(record["NodeList"] != node for record in later), later


def timed_out_and_went_on(found: dict[str, list[dict[str, str]]], work: Path) -> None:
    """SLURM says TIMEOUT, the training that it saved its state; the weights are those of a training left alone."""
    assert states(found[HIT]) == ["TIMEOUT", "COMPLETED"], states(found[HIT])
    first = found[HIT][0]
    assert first["TimeLimit"] == "1", first
    log = (work / f"logs/rule_train/HiT-SIR_2_0/{first['JobId']}.log").read_text()
    saved = re.search(r"stopped by SIGTERM after iteration (\d+), which is saved", log)
    assert saved, log
    final = (RESULTS / "logs/train/HiT-SIR-x2-seed0.log").read_text()
    assert f"goes on from iteration {saved[1]}\n" in final, (saved[1], final)
    name = "train/HiT-SIR/x2/seed0/weights.safetensors"
    interrupted, whole = load_file(RESULTS / name), load_file(REFERENCE / name)
    assert interrupted.keys() == whole.keys() and len(whole) > 50, len(whole)
    different = [key for key in whole if interrupted[key].tobytes() != whole[key].tobytes()]
    assert not different, different
    assert not (RESULTS / name).with_name("state.pt").exists()


def main() -> None:
    if sys.argv[1] == "iterations":
        print(iterations(float(sys.argv[2])))
        return
    work, node = Path(sys.argv[2]), sys.argv[3]
    found = jobs(work)
    every_rule_ran(found)
    print(f"complete: {sum(map(len, found.values()))} SLURM jobs of {len(RULES)} rules")
    killed_once(found)
    print(f"killed, then submitted again: {states(found[SWIN])}")
    drained(found, work, node)
    print(f"drained {node}: nothing started on it afterwards")
    timed_out_and_went_on(found, work)
    print(f"stopped by its time limit, went on, same weights bit for bit: {states(found[HIT])}")


main()
