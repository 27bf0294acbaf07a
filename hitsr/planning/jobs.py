"""The jobs that Snakemake would run, from its own dry run."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hitsr.errors import PlanError

TRAINED = re.compile(r"^    output: .*?/train/([^/]+)/x(\d)/seed(\d+)/weights\.safetensors", re.MULTILINE)
COUNT = re.compile(r"^(\w+) +(\d+)$")


@dataclass(frozen=True)
class Jobs:
    """What a dry run says.

    Attributes:
        counts: jobs by rule, the rule `all` left out; empty if nothing is to be done.
        trainings: method, scale and seed of the trainings that are not done.
    """

    counts: dict[str, int]
    trainings: set[tuple[str, int, int]]


def command(config: Path, cores: int, gpus: int = 0) -> list[str]:
    """The command that runs everything of a configuration, on so many cores and GPUs of one machine at once."""
    resources = ["--resources", f"gpu={gpus}"] if gpus else []
    return ["snakemake", "--cores", str(cores), *resources, "--configfile", str(config), "--", "all"]


def dry_run(config: Path) -> Jobs:
    """Let Snakemake plan the run of a configuration file, from the folder of the Snakefile.

    Raises:
        PlanError: Snakemake cannot plan it; with its last lines.
    """
    if not Path("Snakefile").is_file():
        raise PlanError(f"no Snakefile in {Path.cwd()}: run `hitsr plan` from the root of the repository")
    # a plan must not wait for a run that holds the lock, and changes nothing
    program, *rest = command(config, 1)
    words = [sys.executable, "-m", program, "-n", "--nolock", *rest]
    done = subprocess.run(words, capture_output=True, text=True)
    text = f"{done.stdout}\n{done.stderr}"
    if done.returncode:
        last = [line.strip() for line in text.splitlines() if line.strip()][-3:]
        raise PlanError(f"{config}: Snakemake cannot plan this run: {' '.join(last)}")
    trainings = {(method, int(scale), int(seed)) for method, scale, seed in TRAINED.findall(text)}
    return Jobs(dict(_counts(text)), trainings)


def _counts(text: str) -> Iterator[tuple[str, int]]:
    """Rules and numbers below the first heading `Job stats`."""
    _, _, rest = text.partition("Job stats:\n")
    for line in rest.split("\n\n")[0].splitlines():
        found = COUNT.match(line)
        if found and found[1] not in ("total", "all"):
            yield found[1], int(found[2])
