"""Two workflows at once: of the same run the second is refused, runs of different names work side by side."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator

from arena import CONFIG, Arena, Attack, Project, demand

from kinds.kills import agrees


def same_run(arena: Arena) -> None:
    """The second says who holds the run, also beside a look at the plan; the first ends as if it had been alone."""
    expected = arena.expected
    with arena.fresh() as project:
        process = project.start()
        wait_for_work(project)
        project.configure({**CONFIG, "train": {**CONFIG["train"], "iterations": 7}}, "other.yaml")
        second = project.run(config="other.yaml")
        project.run("-n", config="other.yaml")
        first = process.end(timeout=600)
        demand(second.status != 0, "two workflows worked on one run")
        demand(str(process.pid) in second.output, f"does not say who holds it: {second.last_words}")
        demand("unlock" not in second.output, "asks for --unlock")
        demand(first.status == 0, f"the first one was disturbed: {first.last_words}")
        agrees(project, expected)
        again = project.run(config="other.yaml")
        demand(again.status == 0, f"afterwards it is still refused: {again.last_words}")


def after_a_kill(arena: Arena) -> None:
    """A run that was killed is held by nobody."""
    with arena.fresh() as project:
        process = project.start()
        wait_for_work(project)
        process.kill_all()
        done = project.run()
        demand(done.status == 0 and "unlock" not in done.output, f"does not go on: {done.last_words}")
        agrees(project, arena.expected)


def different_runs(arena: Arena) -> None:
    """Two names in one folder at the same time."""
    with arena.fresh() as project:
        project.configure({**CONFIG, "run": "second"}, "other.yaml")
        process = project.start()
        wait_for_work(project)
        second = project.run(config="other.yaml")
        first = process.end(timeout=600)
        demand(first.status == 0, f"the first fails: {first.last_words}")
        demand(second.status == 0, f"the second fails: {second.last_words}")
        agrees(project, arena.expected)
        demand(project.measured(run="second") == project.measured(), "the second has other numbers")


def everything_deleted(arena: Arena) -> None:
    """`--delete-all-output` leaves no number, and names what removes the rest; then all is made anew."""
    with arena.copy() as project:
        done = project.run("--delete-all-output")
        demand(done.status == 0, done.last_words)
        demand(not list(project.folder.rglob("*.csv")), "leaves numbers")
        said = re.search(r"`hitsr (clean small)`", done.output)
        demand(said, f"does not say what removes the rest: {done.last_words}")
        command = [sys.executable, "-m", "hitsr", *said[1].split(), "--yes"]
        subprocess.run(command, cwd=project.folder, env=project.environment, check=True)
        left = [path for place in ("results", "reports") for path in (project.folder / place).rglob("*")]
        demand(not left, f"leaves {len(left)} files, such as {left[:3]}")
        demand(project.run().status == 0, "does not run again")
        agrees(project, arena.expected)


def wait_for_work(project: Project) -> None:
    deadline = time.monotonic() + 120
    while not list(project.results().rglob("*.json")):
        demand(time.monotonic() < deadline, "nothing happened in two minutes")
        time.sleep(0.1)


def attacks() -> Iterator[Attack]:
    yield Attack("two runs at once", "same run, and a plan beside it", same_run, long=True, attempts=2)
    for carry_out in (after_a_kill, different_runs, everything_deleted):
        yield Attack("two runs at once", carry_out.__name__.replace("_", " "), carry_out, long=True)
