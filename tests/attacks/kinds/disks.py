"""A disk that is full, and folders that cannot be written to: one line that says so, and afterwards the run goes on."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from arena import Arena, Attack, Project, SkippedError, demand

from kinds.kills import goes_on


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """`folder` becomes a disk of its own.

    Raises:
        SkippedError: only root can mount.
    """
    if os.geteuid() != 0:
        raise SkippedError("only root can mount a small disk")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise SkippedError(f"cannot mount here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def full(size: str, arena: Arena) -> None:
    """The disk of the results fills up; after space is made, the same command ends well."""
    expected = arena.expected
    with arena.fresh() as project, small_disk(project.folder / "results", size):
        done = project.run()
        demand(done.status != 0, f"{size} were enough; the attack must be made smaller")
        demand("No space left on device" in done.output or "disk is full" in done.output, done.last_words)
        explained(done.output)
        whole_files(project)
        subprocess.run(["mount", "-o", "remount,size=200m", project.folder / "results"], check=True)
        goes_on(project, expected)


def read_only(name: str, arena: Arena) -> None:
    """A folder of the run cannot be written to."""
    with arena.fresh() as project, small_disk(project.folder / name, "100m"):
        subprocess.run(["mount", "-o", "remount,ro", project.folder / name], check=True)
        done = project.run()
        demand(done.status != 0, "succeeds without writing")
        demand("Read-only file system" in done.output or "cannot be written" in done.output, done.last_words)
        explained(done.output)
        subprocess.run(["mount", "-o", "remount,rw", project.folder / name], check=True)
        goes_on(project, arena.expected)


def explained(output: str) -> None:
    """What the suite prints itself is one line; Snakemake may add its own."""
    lines = [line for line in output.splitlines() if "Traceback (most recent call last)" in line]
    demand(not lines, "a traceback instead of one line")


def whole_files(project: Project) -> None:
    """No file is half of itself."""
    import json

    for path in (project.folder / "results").rglob("*.json"):
        json.loads(path.read_text())


def attacks() -> Iterator[Attack]:
    for size in ("40k", "300k", "700k"):
        yield Attack("full disk", f"results of {size}", partial(full, size), long=True)
    for name in ("results", "reports"):
        yield Attack("read-only folder", name, partial(read_only, name), long=True)
