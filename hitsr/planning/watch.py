"""One line about a running workflow: what it does, how much is left, and until when; what jobs say goes to their logs.

It listens to Snakemake's own events. What a job says besides its progress bars is shown when it ends; the last words of
jobs that failed are repeated at the very end. `snakemake --verbose`, `--printshellcmds` or HITSR_VERBOSE=1 show all.
"""

import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from hitsr.errors import printable
from hitsr.planning.remaining import Job, Remaining, duration, title

VERBOSE = "HITSR_VERBOSE"
EVERY, LINES, WORDS, WIDTH = 60.0, 5, 8, 300
"""Seconds between lines where there is no terminal; lines that are shown of a job, and at the end of one that failed;
characters of each."""
SHOWN_EVENTS = ("job_error", "group_error", "error")


def quiet(settings: object) -> bool:
    """Whether a workflow says one line only: unless it is asked for more, by its options or by the environment."""
    asked = any(getattr(settings, name, False) for name in ("verbose", "printshellcmds", "debug_dag"))
    if asked:
        # jobs on other machines, and in processes of their own, are told too
        os.environ[VERBOSE] = "1"
    return not os.environ.get(VERBOSE)


def silent(settings: object) -> bool:
    """Whether a workflow says failures alone: with `--quiet`, Snakemake does not tell which jobs have ended."""
    return any(kind.name in ("PROGRESS", "ALL") for kind in getattr(settings, "quiet", None) or ())


class Watch(logging.Handler):
    """Follows the jobs of a workflow.

    Args:
        run: name of the run.
        jobs: rule of every job that is to be done.
        cores: that jobs can use; None on a cluster.
        stream: where the line goes.
        silent: whether it says nothing but the last words of jobs that failed.
    """

    def __init__(
        self, run: str, jobs: Iterable[str], cores: int | None, stream: TextIO | None = None, silent: bool = False
    ):
        super().__init__()
        self.silent = silent
        self.run, self.stream = run, stream or sys.stderr
        waiting = Counter(jobs)
        waiting.pop("all", None)
        self.total, self.done = waiting.total(), 0
        self.remaining = Remaining(waiting, cores or 1)
        self.on_cluster = cores is None
        self.running: dict[int, Job] = {}
        self.failed: dict[int, Job] = {}
        self.begun = time.monotonic()
        self._shown, self._lock = 0.0, threading.RLock()
        self._ended = threading.Event()
        self._terminal = self.stream.isatty()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def start(self) -> None:
        """Begin to show the line."""
        if self.silent:
            return
        self._say(f"{self.run}: {self.total} jobs; what they say is in results/{self.run}/logs/ (--verbose shows it)")
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Note what an event of Snakemake says."""
        event = str(getattr(record, "event", None) or "")
        with self._lock:
            try:
                self._note(event, record.__dict__)
            except (KeyError, TypeError, ValueError, AttributeError):
                # events of another version of Snakemake: the workflow goes on without this line
                return

    def _note(self, event: str, told: dict) -> None:
        if event == "job_info" and told["rule_name"] != "all":
            rule, logs = told["rule_name"], list(told.get("log") or [])
            job = Job(rule, title(rule, dict(told["wildcards"] or {})), int(told["threads"]), _path(logs))
            job.started = time.monotonic()
            self.running[told["jobid"]] = job
            self.remaining.waiting[rule] = max(self.remaining.waiting[rule] - 1, 0)
        elif event == "job_finished":
            self._ended_job(told["job_id"])
        elif event == "job_error":
            failed = self.running.pop(told["jobid"], None)
            if failed is not None:
                self.failed[told["jobid"]] = failed
                self._say(f"failed: {failed.title}")

    def _ended_job(self, number: int) -> None:
        job = self.running.pop(number, None)
        if job is None:
            return
        self.done += 1
        self.failed.pop(number, None)
        self.remaining.finished(job)
        for line in job.said()[-LINES:]:
            self._say(f"{job.title}: {line}"[:WIDTH])

    def line(self) -> str:
        """What runs, how much is left, and until when."""
        with self._lock:
            running = list(self.running.values())
            left, bound = self.remaining.estimate(running)
        shown = []
        for job in running[:2]:
            found = job.progress() if job.has_one_bar else None
            shown.append(job.title + (f" {found[0]} %" if found else ""))
        more = f" and {len(running) - 2} more" if len(running) > 2 else ""
        doing = (", ".join(shown) + more) or "waiting"
        text = f"{self.run}: {self.done} of {self.total} jobs done; {doing}"
        if self.on_cluster or left < 1 or not self.done:
            return text
        end = datetime.now() + timedelta(seconds=left)
        until = f"{end:%H:%M}" if left < 12 * 3600 else f"{end:%d %b %H:%M}"
        return f"{text}; {'at least' if bound else 'about'} {duration(left)} left, until {until}"

    def end(self, success: bool) -> None:
        """Stop, and say how it ended: the last words of every job that failed."""
        self._ended.set()
        with self._lock:
            self._clear()
            if success and self.silent:
                return
            if success:
                self._say(f"{self.run}: {self.done} jobs done in {duration(time.monotonic() - self.begun)}")
                return
            for job in self.failed.values():
                words = job.said()[-WORDS:] or ["it said nothing"]
                self._say(f"failed: {job.title}" + (f", whole log: {job.log}" if job.log else ""))
                for line in words:
                    self._say(f"    {line}"[:WIDTH])

    def _tick(self) -> None:
        while not self._ended.wait(1.0):
            if self._terminal:
                columns = os.get_terminal_size(self.stream.fileno()).columns if self._terminal else 120
                with self._lock:
                    self.stream.write(f"\r\x1b[K{printable(self.line())[: columns - 1]}")
                    self.stream.flush()
            elif time.monotonic() - self._shown >= EVERY and time.monotonic() - self.begun >= EVERY:
                self._shown = time.monotonic()
                self._say(self.line())

    def _say(self, text: str) -> None:
        with self._lock:
            self._clear()
            self.stream.write(printable(text) + "\n")
            self.stream.flush()

    def _clear(self) -> None:
        if self._terminal:
            self.stream.write("\r\x1b[K")


def attach(logger: logging.Logger, watch: Watch) -> None:
    """Let a watch follow Snakemake's events, and keep Snakemake's own account of them to its log file."""
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
            handler.addFilter(_worth_saying)
    logger.addHandler(watch)
    watch.start()


def _worth_saying(record: logging.LogRecord) -> bool:
    """Warnings and errors; and what is said after the last job."""
    if record.levelno >= logging.WARNING:
        return True
    return str(getattr(record, "event", None) or "") in SHOWN_EVENTS


def _path(logs: list) -> Path | None:
    return Path(str(logs[0])) if logs else None
