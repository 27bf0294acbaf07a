"""Try a baseline: everything that the suite will do with it, in about a minute."""

import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hitsr.errors import ConfigError
from hitsr.networks.discovery import discover, shipped
from hitsr.networks.signatures import baselines_folder


@dataclass(frozen=True)
class Outcome:
    """What one trial found.

    Attributes:
        said: what was found, or what is wrong.
        passed: None where it was not tried, since one before it failed.
    """

    title: str
    said: str
    passed: bool | None
    seconds: float = 0.0


def declared(name: str, folder: Path | None) -> tuple[dict, list[str]]:
    """The entry of a method, and the plug-in folders that it takes.

    Args:
        folder: its folder, where that is not in `baselines/`.

    Raises:
        ConfigError: there is none of this name; the message says which there are, or what is wrong with its folder.
    """
    outside = folder is not None and folder.resolve().parent != baselines_folder()
    found = discover([folder]) if folder is not None and outside else shipped()
    inside = [name_ for name_, entry in found.methods.items() if Path(entry["folder"]).name == name]
    name = name if name in found.methods or not inside else inside[0]
    if name in found.broken:
        raise ConfigError(found.broken[name])
    if name not in found.methods:
        broken = "".join(f"; {reason}" for reason in found.broken.values())
        there = ", ".join(found.methods)
        raise ConfigError(f"no baseline {name!r}; there are {there}{broken}; make one with `hitsr new baseline {name}`")
    return found.methods[name], [str(folder.resolve())] if folder is not None and outside else []


def tried(entry: dict, plugins: list[str], workflow: bool = True) -> Iterator[Outcome]:
    """Try a method, a trial at a time; after the first that fails, the others are not tried.

    Args:
        workflow: whether to run the workflow at the end.
    """
    failed = False
    for title, trial in _trials(entry, plugins, workflow):
        if failed:
            yield Outcome(title, "not tried", None)
            continue
        start = time.perf_counter()
        passed, said = _tried(trial)
        failed = not passed
        yield Outcome(title, said, passed, time.perf_counter() - start)


def _tried(trial: Callable[[], str]) -> tuple[bool, str]:
    """Whether a trial passes; and what it says, in one line whatever is raised by code that is being written."""
    from hitsr.measure.outputs import told

    try:
        # progress bars of what is measured
        with redirect_stderr(io.StringIO()):
            return True, trial()
    except Exception as error:
        return False, told(error)


def _trials(entry: dict, plugins: list[str], workflow: bool) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "declared", lambda: os.path.relpath(Path(entry["folder"]) / "method.yaml")
    scales = tuple(entry["scales"])
    if entry["source"]:
        from hitsr.contributing.network import TRIALS, Subject

        subject = Subject(entry["name"], entry["source"], dict(entry["options"]), scales)
        for title, trial in TRIALS.items():
            yield title, partial(trial, subject)
    if workflow:
        yield "workflow", lambda: _workflow(entry["name"], 2 if 2 in scales else scales[0], plugins)


def _workflow(name: str, scale: int, plugins: list[str]) -> str:
    from hitsr.contributing.workflow import run

    with tempfile.TemporaryDirectory(prefix="hitsr-check-") as folder:
        return run(name, scale, plugins, Path(folder))
