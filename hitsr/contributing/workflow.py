"""A baseline in the real workflow, as small as it can be."""

import os
import re
import subprocess
import sys
from pathlib import Path

from hitsr.atomic import write_json
from hitsr.errors import ResultError
from hitsr.results.fingerprints import ROOT

RUN = "check-baseline"
SNAKEFILE = ROOT / "Snakefile"
NOISE = re.compile(r"WorkflowError|RuleException|CalledProcessError|^Error in rule|non-zero exit")
"""What Snakemake says around an error."""


def config(name: str, scale: int, plugins: list[str]) -> dict:
    """Bicubic and the method, trained for ten iterations on a strip of a photograph."""
    return {
        "run": RUN,
        "scales": [scale],
        "methods": {"Bicubic": {}, name: {}},
        "plugins": plugins,
        "datasets": {
            "train": {"photographs": ["coffee"], "rows": [0, 0.5]},
            "validation": {"photographs": ["coffee"], "rows": [0.5, 0.6]},
            "test": {"photographs": ["camera"], "rows": [0, 0.15]},
        },
        "training_set": "train",
        "validation_set": "validation",
        "test_sets": ["test"],
        "train": {
            "iterations": 10,
            "batch_size": 1,
            "patch_size": 24,
            "validate_every": 10,
            "log_every": 5,
            "checkpoint_every": 10,
            "start_from_x2": False,
        },
        "complexity": {"output": [128, 96], "ptflops_scales": []},
        "latency": {"input": [32, 24], "repeats": 2, "warm_up": 0},
        "report": {"tables": ["main", "efficiency"], "figures": ["cost"]},
    }


def run(name: str, scale: int, plugins: list[str], folder: Path) -> str:
    """Run the workflow in a folder; says what it measured.

    Raises:
        ResultError: a job fails; with its last words.
    """
    if not SNAKEFILE.is_file():
        raise ResultError("no Snakefile beside the package: check a baseline from a checkout of the repository")
    write_json(folder / "run.json", config(name, scale, plugins))
    command = [sys.executable, "-P", "-m", "snakemake", "--cores", str(min(2, os.cpu_count() or 1))]
    command += ["-s", str(SNAKEFILE), "--directory", str(folder), "--configfile", str(folder / "run.json"), "--", "all"]
    # jobs import this package, also where another one is installed
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).strip(":")}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ResultError(f"the workflow fails: {_last_words(done.stdout + done.stderr)}")
    return _measured(folder, name)


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = [line for line in lines if re.match(r"(error:|\w*Error\b)", line) and not NOISE.search(line)]
    return said[-1] if said else " | ".join(lines[-3:])


def _measured(folder: Path, name: str) -> str:
    from hitsr.analysis.measurements import number, read
    from hitsr.results.layout import Layout

    layout = Layout(RUN, folder)
    table = read(layout.measurements, layout)
    found = {method: number(table, "psnr", method=method) for method in ("Bicubic", name)}
    if not layout.page.is_file() or any(each is None for each in found.values()):
        raise ResultError(f"the workflow ends, and has no PSNR of {name}; look into {layout.results}")
    shown = ", ".join(f"{method} {each.value:.2f} dB" for method, each in found.items() if each)
    return f"trained, scored, timed and reported ({shown})"
