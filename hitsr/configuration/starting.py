"""What a workflow does before its first job: it looks at everything that the run needs, once for the same needs."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from hitsr.configuration.steps import PrepareSettings, Step
from hitsr.errors import ConfigError, ResultError
from hitsr.results.records import read_record, write_record

NEEDING = (
    "download",
    "fetch",
    "prepare",
    "bicubic",
    "pack",
    "train",
    "restore",
    "count",
    "time",
    "time_resolutions",
    "attribute",
)
"""Steps that read images, networks or weights that a user names."""


def find_this_environment() -> None:
    """Let rules find the programs of the environment that runs Snakemake first, whether or not it is activated."""
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])


def check_once(config: Path, steps: Iterable[Step], found: Path) -> None:
    """Run `hitsr check`, unless it found nothing wrong with the same steps before.

    Args:
        config: file of the configuration.
        steps: those of the workflow; what they are given, with the code and the contents of files, tells runs apart.
        found: where a check that found nothing wrong is remembered.

    Raises:
        ConfigError: something is wrong; `hitsr check` has said what.
    """
    needing = [step for step in steps if step.noun in NEEDING]
    if not needing:
        return
    needs = sorted({(step.noun, step.digest, step.fingerprint) for step in needing})
    digest = hashlib.sha256(json.dumps(needs).encode()).hexdigest()
    with suppress(ResultError):
        if read_record(found)["needs"] == digest:
            return
    # a part of a run needs a part of the data sets
    datasets = sorted({step.dataset for step in needing if isinstance(step, PrepareSettings)})
    chosen = [argument for name in datasets for argument in ("--dataset", name)] or ["--no-images"]
    command = [sys.executable, "-P", "-m", "hitsr", "check", "--config", str(config), *chosen]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        raise ConfigError("no job was started; correct what is said above, and start again")
    write_record(found, {"kind": "check", "needs": digest})
