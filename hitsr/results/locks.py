"""A run belongs to one workflow at a time: locks that the kernel drops when their holder ends, however it ends.

run.lock    held by the workflow
jobs.lock   shared by its jobs, which may outlive a workflow that was killed
"""

import errno
import fcntl
import getpass
import json
import os
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import psutil

from hitsr.errors import ResultError
from hitsr.results.layout import Layout

UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems answer that have no locks."""
_held: list[TextIO] = []
"""Files of locks that this process holds until it ends."""


def take(layout: Layout) -> None:
    """Hold the run for this workflow until its process ends.

    Raises:
        ResultError: another workflow holds it, or jobs of one that was killed still run; it says who.
    """
    own = _locked(layout.lock, fcntl.LOCK_EX)
    if own is None:
        raise ResultError(f"run {layout.run} belongs to {_holder(layout.lock)}; wait until it ends, or end it")
    jobs = _locked(layout.jobs_lock, fcntl.LOCK_EX)
    if jobs is None:
        own.close()
        raise ResultError(
            f"run {layout.run}: jobs of a workflow that was killed still run{_jobs(layout)}; wait until they end, or "
            "end them"
        )
    jobs.close()
    own.truncate(0)
    own.write(json.dumps(_self()))
    own.flush()
    _held.append(own)


def join(layout: Layout) -> None:
    """Say, until this process ends, that a job of the run's workflow runs."""
    with suppress(OSError):
        file = _locked(layout.jobs_lock, fcntl.LOCK_SH)
        if file is not None:
            _held.append(file)


def give_back(layout: Layout) -> None:
    """Give the run back, and leave no file of its locks."""
    if _held:
        for path in (layout.jobs_lock, layout.lock):
            path.unlink(missing_ok=True)
        while _held:
            _held.pop().close()


def is_held(layout: Layout) -> bool:
    """Whether a workflow holds the run now."""
    if not layout.lock.exists():
        return False
    file = _locked(layout.lock, fcntl.LOCK_SH)
    if file is not None:
        file.close()
    return file is None


def _locked(path: Path, kind: int) -> TextIO | None:
    """The file of a lock, locked and open; None if another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
            print(f"{path}: this file system has no locks; let no other workflow work on this run", file=sys.stderr)
            return file
        # whoever gave the lock back may have removed the file that was opened here
        if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
        file.close()


def _self() -> dict[str, object]:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"process": os.getpid(), "host": socket.gethostname(), "user": getpass.getuser(), "since": since}


def _holder(path: Path) -> str:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return f"process {said['process']} of {said['user']} on {said['host']}, since {said['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another workflow"


def _jobs(layout: Layout) -> str:
    """Processes on this machine that were given settings of the run."""
    folder, found = f"{layout.settings}{os.sep}", []
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        words = process.info["cmdline"] or []
        if process.info["cwd"] == str(Path.cwd()) and any(word.startswith(folder) for word in words):
            found.append(str(process.info["pid"]))
    return f" (processes {', '.join(found)})" if found else ""
