"""Folders in which the real workflow runs, as a user starts it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CHECKOUT = ("hitsr", "baselines", "workflow", "profiles", "config", "Snakefile", "environment.yml")
"""What a copy of the repository needs to run."""
FONTS = Path(tempfile.gettempdir()) / f"hitsr-tests-fonts-{os.getuid()}"
JOBS = re.compile(r"^(\w+) +(\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    status: int
    output: str

    @property
    def last_words(self) -> str:
        """What it said of errors, and the end of what it printed."""
        lines = [line.strip() for line in self.output.strip().splitlines()]
        errors = [line for line in lines if "rror" in line and not line.startswith("WorkflowError")]
        return " | ".join([*dict.fromkeys(errors[:6]), "...", *lines[-4:]])[:2500]


class Workflow(subprocess.Popen):
    """A workflow at the head of a group of processes; what it prints goes into a file, and waits for no reader."""

    def __init__(self, command: list[str], **options: object):
        self._file = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 (open as long as the process)
        super().__init__(
            command, stdout=self._file, stderr=subprocess.STDOUT, start_new_session=True,
            # started in the background, this process may ignore Ctrl-C, and what it starts would too
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options,
        )  # fmt: skip

    def kill_all(self) -> None:
        """`kill -9` of the workflow and all its jobs."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def end(self, timeout: float) -> Done:
        """Wait for its end.

        Raises:
            AssertionError: it hangs.
        """
        try:
            self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise AssertionError(f"hangs: {self._output()[-500:]}") from None
        except KeyboardInterrupt:  # it has a session of its own, which Ctrl-C does not reach
            self.kill_all()
            raise
        return Done(self.returncode, self._output())

    def _output(self) -> str:
        self._file.seek(0)
        return self._file.read()


class Project:
    """A folder of a user, in which the repository's workflow runs from elsewhere.

    Args:
        config: written as `run.yaml`, if given.
    """

    source = ROOT
    """Folder of the Snakefile and of the package."""

    def __init__(self, folder: Path, config: dict | None = None):
        self.folder = folder
        self._started: list[Workflow] = []
        if config is not None:
            self.configure(config)

    def configure(self, config: dict, name: str = "run.yaml") -> None:
        """Write a configuration."""
        (self.folder / name).write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """Of the commands: the package of `source`, and caches of their own but for the list of fonts."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        caches = {"MPLCONFIGDIR": str(FONTS), "XDG_CACHE_HOME": str(self.folder / "cache")}
        return {**kept, **caches, "PYTHONPATH": str(self.source)}

    def command(self, *arguments: str, target: str = "all", config: str = "run.yaml", cores: int = 2) -> list[str]:
        """Snakemake as a user starts it."""
        base = [sys.executable, "-m", "snakemake", "-s", str(self.source / "Snakefile"), "--cores", str(cores)]
        return [*base, "--configfile", config, *arguments, "--", target]

    def start(self, *arguments: str, **options: object) -> Workflow:
        """A workflow in the background."""
        self._started.append(Workflow(self.command(*arguments, **options), cwd=self.folder, env=self.environment))
        return self._started[-1]

    def kill_all(self) -> None:
        """`kill -9` of the workflows that were started and are still there, with their jobs."""
        for workflow in self._started:
            if workflow.poll() is None:
                workflow.kill_all()

    def run(self, *arguments: str, timeout: float = 900, **options: object) -> Done:
        """A workflow to its end."""
        return self.start(*arguments, **options).end(timeout)

    def planned(self, target: str = "all", **options: object) -> dict[str, int]:
        """Number of jobs by rule that a run would do.

        Raises:
            AssertionError: it cannot be planned.
        """
        done = self.run("-n", target=target, **options)
        if done.status != 0:
            raise AssertionError(f"cannot be planned: {done.last_words}")
        _, _, table = done.output.rpartition("Job stats:") if "Job stats:" in done.output else ("", "", "")
        return {rule: int(n) for rule, n in JOBS.findall(table.split("Reasons:")[0]) if rule not in ("total", "all")}


class Checkout(Project):
    """A copy of the repository, whose files may be changed and which runs its own workflow."""

    def __init__(self, folder: Path, config: dict | None = None):
        for name in CHECKOUT:
            path = ROOT / name
            if path.is_dir():
                shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, folder / name)
        self.source = folder
        super().__init__(folder, config)
