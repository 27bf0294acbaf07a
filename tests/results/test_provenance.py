"""Provenance: the true command however the program was started, the source wherever it lies, flags and packages."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import ROOT

import hitsr
from hitsr.results import environment
from hitsr.results.provenance import Stopwatch
from hitsr.results.revision import shortened

COMMAND = "import sys; from hitsr.results.revision import command; print(command())"
REVISION = "import json; from hitsr.results.revision import revision; print(json.dumps(revision()))"


def said(*command: object, **options) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_commands_as_they_were_typed():
    bin_folder = Path(sys.executable).parent
    python = str(sys.executable)
    for words, expected in (
        ([python, str(bin_folder / "hitsr"), "count", "-o", "a b.json"], ["hitsr", "count", "-o", "a b.json"]),
        ([python, "-m", "hitsr", "train"], ["hitsr", "train"]),
        ([python, "-P", "-m", "hitsr", "train"], ["hitsr", "train"]),
        ([python, str(ROOT / "benchmarks/gpu.py"), "--scale", "2"], ["python", "benchmarks/gpu.py", "--scale", "2"]),
        ([python, "/elsewhere/mine.py"], ["python", "/elsewhere/mine.py"]),
        (["/usr/bin/python3.12", "-u", "-c", "print()"], ["python", "-u", "-c", "print()"]),
    ):
        assert shortened(words) == expected


def test_commands_of_processes(tmp_path):
    script = tmp_path / "a script.py"
    script.write_text(COMMAND)
    assert said(sys.executable, script, "--x", "1 2") == f"python '{script}' --x '1 2'"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/__main__.py").write_text(COMMAND)
    assert said(sys.executable, "-m", "mine", "go", cwd=tmp_path) == "python -m mine go"
    launched = [Path(sys.executable).parent / "torchrun", "--standalone", "--nproc-per-node", "1", script, "--y"]
    assert said(*launched) == f"torchrun --standalone --nproc-per-node 1 '{script}' --y"


def copied(folder: Path) -> Path:
    """The package without a repository, in `folder`."""
    for name in ("hitsr", "baselines"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".gitignore", folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false"]
    return said("git", "-C", folder, *identity, *arguments)


def revision(folder: Path, **variables: str) -> dict:
    environment = {**os.environ, "PYTHONPATH": str(folder), **variables}
    return json.loads(said(sys.executable, "-P", "-c", REVISION, env=environment, cwd=folder))


def test_the_commit_is_that_of_the_source(tmp_path):
    """In a folder with spaces; in a worktree, where .git is a file; and never that of a repository around it."""
    home = copied(tmp_path / "Tom's folder of runs")
    git(home, "init", "-q")
    git(home, "add", ".")
    git(home, "commit", "-qm", "all")
    head = git(home, "rev-parse", "HEAD")
    assert revision(home) == {"version": hitsr.__version__, "commit": head, "dirty": False}
    (home / "notes.txt").write_text("not of the source")
    assert revision(home)["dirty"] is False
    (home / "baselines/mine").mkdir()
    (home / "baselines/mine/network.py").write_text("")
    assert revision(home)["dirty"] is True
    git(home, "worktree", "add", "-q", "--detach", str(tmp_path / "beside"))
    assert (tmp_path / "beside/.git").is_file()
    (tmp_path / "beside/hitsr/__init__.py").open("a").write("\n")
    assert revision(tmp_path / "beside", GIT_DIR=str(home / ".git")) == {
        "version": hitsr.__version__, "commit": head, "dirty": True,
    }  # fmt: skip


def test_an_installed_package_has_a_version_and_no_commit_of_others(tmp_path):
    """As in an environment inside a repository of something else, which ignores it."""
    git(tmp_path.parent, "init", "-q", str(tmp_path))
    (tmp_path / ".gitignore").write_text("site/\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "something else")
    assert revision(copied(tmp_path / "site")) == {"version": hitsr.__version__, "commit": None, "dirty": None}


def test_what_a_record_says(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")
    found = Stopwatch().provenance(config_digest="c", source_digest="s", seed=3)
    assert found["versions"]["scipy"] and found["versions"]["torch"] == torch.__version__
    packages = dict(entry.split("==") for entry in found["packages"].split())
    assert packages["numpy"] == found["versions"]["numpy"] and len(packages) > 50
    assert found["allocator"]["variables"]["MALLOC_TRIM_THRESHOLD_"] == "1"
    assert found["numerics"]["float32_matmul_precision"] == torch.get_float32_matmul_precision()
    assert found["threads"] == torch.get_num_threads() and found["hardware"]["cores"] >= 1
    # processes that share out the tests are not started by the name of pytest
    started = "python -u -c" if "PYTEST_XDIST_WORKER" in os.environ else "pytest"
    assert started in found["command"] and found["seed"] == 3
    assert json.loads(json.dumps(found)) == found


def test_flags_are_those_of_the_moment():
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        assert environment.numerics()["float32_matmul_precision"] == "medium"
    finally:
        torch.set_float32_matmul_precision(before)


@pytest.mark.parametrize("imported", ["", "import torch; "])
def test_a_gpu_is_seen_once_pytorch_is_loaded(imported):
    """What is known of the machine before must not hide it."""
    code = (
        f"from hitsr.results.environment import hardware; hardware(); {imported}import sys, types\n"
        "if 'torch' in sys.modules:\n"
        "    import torch; torch.cuda.is_available = lambda: True\n"
        "    torch.cuda.get_device_name = lambda: 'A GPU'\n"
        "print(hardware()['gpu'])"
    )
    assert said(sys.executable, "-c", code).startswith("A GPU" if imported else "None")
