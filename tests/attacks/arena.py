"""Where attacks take place: folders to spoil, a small finished run to copy, and the workflow as a user starts it."""

import contextlib
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import projects
from PIL import Image

RUN = "small"
CONFIG = {
    "run": RUN,
    "methods": {"Bicubic": {}, "SwinIR-Light": {"options": {"dim": 16, "depths": [1], "heads": 2}}},
    "datasets": {"train": {"folder": "training"}, "test": {"folder": "photos"}},
    "training_set": "train",
    "test_sets": ["test"],
    "train": {
        "iterations": 30, "batch_size": 1, "patch_size": 16, "learning_rate": 0.002, "log_every": 10,
        "checkpoint_every": 10, "device": "cpu",
    },
    "restore": {"device": "cpu"},
    "complexity": {"output": [64, 48], "ptflops_scales": [], "published_size": False},
    "report": {
        "tables": ["main"],
        "figures": ["crops"],
        "crops": [{"dataset": "test", "image": "cat", "x": 8, "y": 8, "width": 32, "height": 24}],
    },
}  # fmt: skip
"""A run of everything whose result is the same every time; nothing in it is timed."""


class NotSurvivedError(AssertionError):
    """The suite gave a wrong number, executed something, hung, or failed without saying why."""


class SkippedError(Exception):
    """The attack cannot be carried out here; the message says why."""


@dataclass(frozen=True)
class Attack:
    """One attempt to make the suite give a wrong result.

    Attributes:
        kind: what attacks are counted by.
        name: of this one within its kind.
        carry_out: raises `NotSurvivedError` or `SkippedError`.
        long: takes a workflow of its own; left out of the tests.
        attempts: how many it makes; it is survived if all are.
    """

    kind: str
    name: str
    carry_out: Callable[["Arena"], None]
    long: bool = False
    attempts: int = 1


def demand(condition: object, what: str) -> None:
    """Raise `NotSurvivedError(what)` unless the condition holds."""
    if not condition:
        raise NotSurvivedError(what)


class Project(projects.Project):
    """A folder with photographs and a configuration, in which workflows run."""

    def results(self, run: str = RUN) -> Path:
        """Folder of what a run measured."""
        return self.folder / "results" / run

    def numbers(self, run: str = RUN) -> dict[str, str]:
        """Everything that a user would quote: tables, claims and scores as text, weights by checksum."""
        reports = self.folder / "reports" / run
        found = {path.name: path.read_text() for path in sorted(reports.rglob("*.csv"))}
        found |= {path.name: path.read_text() for path in sorted(reports.glob("*.md"))}
        for path in sorted(self.results(run).rglob("weights.safetensors")):
            found[str(path.relative_to(self.folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
        demand(any("main" in name for name in found), f"no main table in {reports}")
        return found

    def measured(self, quantity: str = "psnr", run: str = RUN) -> dict[tuple, float]:
        """Values of the long table by method, scale, data set and image."""
        table = pd.read_csv(self.results(run) / "measurements.csv", dtype=str, keep_default_na=False)
        rows = table[table.quantity == quantity]
        return {(r.method, r.scale, r.dataset, r.image): float(r.value) for r in rows.itertuples()}


class Arena:
    """Gives attacks what they need, and takes it away afterwards."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> "Arena":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty folder."""
        with tempfile.TemporaryDirectory(prefix="hitsr-attack-", ignore_cleanup_errors=True) as name:
            yield Path(name)

    @contextlib.contextmanager
    def fresh(self, **changes: object) -> Iterator[Project]:
        """A project in which nothing has run."""
        with self.folder() as folder:
            photographs(folder)
            with stopped(Project(folder, {**CONFIG, **changes})) as project:
                yield project

    @contextlib.contextmanager
    def copy(self) -> Iterator[Project]:
        """A copy of the finished run, with all its times."""
        with self.folder() as folder:
            shutil.copytree(self.finished.folder, folder, dirs_exist_ok=True, symlinks=True)
            with stopped(Project(folder)) as project:
                yield project

    @cached_property
    def finished(self) -> Project:
        """The small run, finished; nobody changes it. How long it took is `seconds`."""
        project = self._stack.enter_context(self.fresh())
        start = time.monotonic()
        done = project.run()
        self.seconds = time.monotonic() - start
        if done.status != 0:
            raise RuntimeError(f"the small run itself fails: {done.last_words}")
        return project

    @cached_property
    def expected(self) -> dict[str, str]:
        """Numbers of the finished run."""
        return self.finished.numbers()


@contextlib.contextmanager
def stopped(project: Project) -> Iterator[Project]:
    """A project whose workflows end with the attack, also where that fails or is interrupted."""
    try:
        yield project
    finally:
        project.kill_all()


def photographs(folder: Path) -> None:
    """`training/coffee.png`, and `photos/` with two small photographs."""
    from hitsr.data.photographs import PHOTOGRAPHS

    boxes = {"coffee": ("training", (100, 100, 244, 260)), "chelsea": ("photos", (90, 60, 178, 132))}
    names = {"chelsea": "cat", "astronaut": "woman"}
    boxes["astronaut"] = ("photos", (180, 60, 260, 124))
    for name, (place, box) in boxes.items():
        (folder / place).mkdir(exist_ok=True)
        with Image.open(PHOTOGRAPHS[name].path) as image:
            image.convert("RGB").crop(box).save(folder / place / f"{names.get(name, name)}.png")
