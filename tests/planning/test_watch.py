"""The line about a running workflow, from Snakemake's own events; estimates from what jobs took and say."""

import io
import subprocess
import sys
import time
from collections import Counter
from types import SimpleNamespace

import pytest
from conftest import ROOT

from hitsr.planning.remaining import Job, Remaining, duration, seconds, title
from hitsr.planning.watch import Watch, quiet

BAR = "HiT-SIR x2 seed 0:  25%|#####               | 250/1000 [00:30<01:30,  8.33it/s, loss=0.04]\n"
SNAKEFILE = """
import sys
from hitsr.planning import watch
QUIET = watch.quiet(workflow.output_settings)
shell.prefix('tee() {{ command tee "$@" > /dev/null; }}; ' if QUIET else "")
WATCHING = []
onstart:
    if QUIET:
        jobs, silent = (job.rule.name for job in workflow.dag.needrun_jobs()), watch.silent(workflow.output_settings)
        WATCHING.append(watch.Watch("mini", jobs, workflow.cores, silent=silent))
        watch.attach(logger, WATCHING[0])
onsuccess:
    [one.end(True) for one in WATCHING]
onerror:
    [one.end(False) for one in WATCHING]
rule all:
    input: "good.txt", "bad.txt"
rule good:
    output: "good.txt"
    log: "good.log"
    shell: "sh good.sh 2>&1 | tee {log}"
rule bad:
    output: "bad.txt"
    log: "bad.log"
    shell: "set -o pipefail; sh bad.sh 2>&1 | tee {log}"
"""


def job(rule: str, log=None, ago: float = 0.0, threads: int = 1) -> Job:
    return Job(rule, rule, threads, log, time.monotonic() - ago)


def test_what_is_left_is_learnt_from_jobs_that_ended_and_from_the_bars_of_trainings(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("HiT-SIR x2 seed 0: goes on from iteration 100\n" + BAR.replace("25%", " 5%") + BAR)
    training = job("train", log)
    assert training.progress() == (25, 90.0) and training.said() == ["HiT-SIR x2 seed 0: goes on from iteration 100"]
    left = Remaining(Counter(score=4, train=1), cores=2)
    # no score has ended: a lower bound, in which a training that waits takes what the running one takes yet
    assert left.estimate([training]) == (pytest.approx(90), True)
    left.finished(job("score", ago=10))
    left.finished(job("score", ago=20))
    left.finished(job("train", ago=100, threads=1))
    span, bound = left.estimate([training])
    assert not bound and span == pytest.approx((90 + 4 * 15 + 100) / 2, abs=0.5)
    # the last training knows what it takes yet: no bound, though no training ended before
    assert Remaining(Counter(train=0), 1).estimate([training]) == (90.0, False)
    # one that has run longer than others took needs nothing more that is known
    assert left.estimate([job("score", ago=60)])[0] == pytest.approx((4 * 15 + 100) / 2, abs=0.5)
    # a bar of another rule is of one part of what it does: a lower bound
    assert Remaining(Counter(), 2).estimate([job("time", log, threads=2)]) == (90.0, True)
    assert left.estimate([job("score", log)])[0] == pytest.approx((90 + 4 * 15 + 100) / 2, abs=0.5)


def test_words():
    assert title("train", {"method": "HiT-SIR", "scale": "2", "seed": "0"}) == "train HiT-SIR x2 seed 0"
    assert (seconds("12:34"), seconds("1:02:03")) == (754, 3723)
    assert [duration(s) for s in (0.2, 45, 600, 7200, 400000)] == ["1 s", "45 s", "10 min", "2.0 h", "4.6 days"]


def test_a_cluster_has_no_estimate_and_events_of_another_version_do_no_harm():
    import logging

    stream = io.StringIO()
    watch = Watch("run", ["all", "train", "train", "score"], None, stream)
    told = {
        "event": "job_info",
        "jobid": 1,
        "rule_name": "train",
        "wildcards": {"method": "A"},
        "threads": 1,
        "log": [],
    }
    watch.emit(logging.makeLogRecord(told))
    watch.emit(logging.makeLogRecord({"event": "job_info", "number": 5}))
    assert watch.line() == "run: 0 of 3 jobs done; train A"
    watch.emit(logging.makeLogRecord({"event": "job_finished", "job_id": 1}))
    assert watch.line() == "run: 1 of 3 jobs done; waiting"


def test_snakemake_says_one_line_and_the_last_words_of_what_failed(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "good.sh").write_text(
        "echo 'LEAK: an image is twice'; echo '100%|####| 3/3 [00:01<00:00]'; touch good.txt\n"
    )
    (tmp_path / "bad.sh").write_text("echo '  0%|    | 0/3 [00:00<00:09]'; echo 'error: no such image'; exit 1\n")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--keep-going"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "mini: 2 jobs; what they say is in results/mini/logs/" in said
    assert "good: LEAK: an image is twice" in said
    assert "failed: bad, whole log: bad.log\n    error: no such image\n" in said
    assert "0/3 [" not in said and "3/3 [" not in said and "reason:" not in said
    assert "0/3 [" in (tmp_path / "bad.log").read_text()
    (tmp_path / "good.txt").unlink()
    done = subprocess.run([*command, "-q"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert "failed: bad, whole log: bad.log\n    error: no such image\n" in said
    assert "mini: " not in said, "how many jobs are done is not known"


def test_all_is_said_where_it_is_asked_for(monkeypatch):
    monkeypatch.delenv("HITSR_VERBOSE", raising=False)
    assert quiet(SimpleNamespace(verbose=False, printshellcmds=False))
    assert not quiet(SimpleNamespace(verbose=False, printshellcmds=True))
    # and by jobs on other machines, which are not given the option
    assert not quiet(SimpleNamespace())
    monkeypatch.delenv("HITSR_VERBOSE")
