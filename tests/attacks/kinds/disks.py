"""A disk that is full, and folders that cannot be written to: one line that says so, and afterwards the run goes on."""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from arena import Arena, Attack, Project, SkippedError, demand

from kinds.kills import goes_on

SHARES = (0.1, 0.4, 0.75)
"""Sizes of the disk, as parts of what the results take."""
FOLDERS = ("results", "reports")
PAGE = 4096
"""Bytes that a disk gives at a time."""


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


def full(arena: Arena) -> None:
    """The disk of the results fills up, each time later; after space is made, the same command ends well."""
    expected = arena.expected
    files = [path for path in arena.finished.results().rglob("*") if path.is_file()]
    needed = sum(-(-path.stat().st_size // PAGE) * PAGE for path in files)
    with arena.fresh() as project, small_disk(project.folder / "results", "1m"):
        for share in SHARES:
            grow(project, f"{int(share * needed / 1024)}k")
            done = project.run()
            demand(done.status != 0, f"{share:.0%} of the space were enough; the attack must be made smaller")
            demand("No space left on device" in done.output or "disk is full" in done.output, done.last_words)
            explained(done.output)
            whole_files(project)
        grow(project, "200m")
        goes_on(project, expected)


def grow(project: Project, size: str) -> None:
    """Give the disk of the results another size."""
    subprocess.run(["mount", "-o", f"remount,size={size}", project.folder / "results"], check=True)


def read_only(arena: Arena) -> None:
    """A folder of the run cannot be written to: that of the results, then that of the reports."""
    expected = arena.expected
    with arena.fresh() as project, contextlib.ExitStack() as disks:
        for name in FOLDERS:
            disks.enter_context(small_disk(project.folder / name, "100m"))
        for name in FOLDERS:
            subprocess.run(["mount", "-o", "remount,ro", project.folder / name], check=True)
            done = project.run()
            demand(done.status != 0, f"succeeds without writing to {name}")
            demand("Read-only file system" in done.output or "cannot be written" in done.output, done.last_words)
            explained(done.output)
            subprocess.run(["mount", "-o", "remount,rw", project.folder / name], check=True)
        goes_on(project, expected)


def explained(output: str) -> None:
    """What the suite prints itself is one line; Snakemake may add its own."""
    lines = [line for line in output.splitlines() if "Traceback (most recent call last)" in line]
    demand(not lines, "a traceback instead of one line")


def whole_files(project: Project) -> None:
    """No file is half of itself."""
    for path in (project.folder / "results").rglob("*.json"):
        json.loads(path.read_text())


def attacks() -> Iterator[Attack]:
    yield Attack("full disk", "three sizes", full, long=True, attempts=len(SHARES))
    yield Attack("read-only folder", ", ".join(FOLDERS), read_only, long=True, attempts=len(FOLDERS))
