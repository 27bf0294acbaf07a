"""Which source and which command made a result."""

import importlib.metadata
import json
import os
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import hitsr
from hitsr.results.fingerprints import ROOT

CODE = ("hitsr", "baselines", "workflow", "Snakefile")
"""Where a new file, which git does not know yet, may change results."""


@cache
def revision() -> dict[str, object]:
    """Version of the package; commit of its source, and whether files differ from it.

    The commit is None where the source is in no repository, as of an installed wheel: the version stands for it. A
    package that was installed from a repository knows the commit itself.
    """
    found: dict[str, object] = {"version": hitsr.__version__, "commit": None, "dirty": None}
    # an environment may lie inside a repository of something else
    if _git("ls-files", "--error-unmatch", "hitsr/__init__.py") is None:
        return {**found, "commit": _installed_from()}
    changed = _git("status", "--porcelain", "--untracked-files=no")
    new = _git("ls-files", "--others", "--exclude-standard", "--", *CODE)
    return {**found, "commit": _git("rev-parse", "HEAD"), "dirty": None if changed is None else bool(changed or new)}


def _git(*arguments: str) -> str | None:
    """What git says of the folder of the source; None where it says nothing. No variable points it elsewhere."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _installed_from() -> str | None:
    try:
        text = importlib.metadata.distribution("hitsr").read_text("direct_url.json")
        return json.loads(text or "{}").get("vcs_info", {}).get("commit_id")
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


def command() -> str:
    """The command line of this process, or that of the launcher which started several (torchrun), quoted for a shell.

    Programs of the environment stand by their names (`hitsr`, `torchrun`), scripts of the repository by their paths in
    it; everything else is as it was typed.
    """
    words = list(sys.orig_argv) or [sys.executable, *sys.argv]
    if "TORCHELASTIC_RUN_ID" in os.environ:
        words = _words_of(os.getppid()) or words
    return shlex.join(shortened(words))


def _words_of(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8", errors="surrogateescape").split("\0")[:-1]
    except OSError:
        return []


def shortened(words: list[str]) -> list[str]:
    """A command line without the places of the interpreter, of the environment's programs, and of the repository."""
    interpreter, rest = Path(words[0]), words[1:]
    if not interpreter.name.startswith("python"):
        return [interpreter.name, *rest]
    if rest[:1] == ["-P"]:
        rest = rest[1:]
    if rest[:2] in (["-m", "hitsr"], ["-m", "torch.distributed.run"]):
        return [{"hitsr": "hitsr"}.get(rest[1], "torchrun"), *rest[2:]]
    if rest and not rest[0].startswith("-"):
        script = Path(rest[0]).absolute()
        if script.parent == Path(sys.executable).parent:
            return [script.name, *rest[1:]]
        if script.is_relative_to(ROOT):
            return ["python", script.relative_to(ROOT).as_posix(), *rest[1:]]
    return ["python", *rest]
