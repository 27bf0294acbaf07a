"""Processes are killed or told to stop: the same command goes on, to equal tables and weights, without --unlock."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from functools import partial

import psutil
from arena import CONFIG, Arena, Attack, Project, demand
from projects import Workflow

STEPS = ("prepare-x2-train", "train-SwinIR-Light", "restore-SwinIR-Light", "score-SwinIR-Light")
"""Beginnings of the names of their settings; each needs the one before."""
WEIGHTS = "results/small/train/SwinIR-Light/x2/seed0/weights.safetensors"


def stop(process: Workflow, number: signal.Signals) -> None:
    """As it happens: a kill of everything, SIGTERM to Snakemake (a scheduler), Ctrl-C to the terminal's processes."""
    if number is signal.SIGKILL:
        process.kill_all()
        return
    with contextlib.suppress(ProcessLookupError):
        if number is signal.SIGTERM:
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)
    process.end(timeout=300)


def goes_on(project: Project, expected: dict[str, str]) -> None:
    """The same command, once more, gives what an undisturbed run gives."""
    done = project.run()
    demand(done.status == 0, f"does not go on: {done.last_words}")
    demand("unlock" not in done.output, "asks for --unlock")
    agrees(project, expected)
    leftovers = [str(path) for path in project.folder.rglob(".*.????????.*") if ".snakemake" not in path.parts]
    demand(not leftovers, f"leaves {leftovers}")


def agrees(project: Project, expected: dict[str, str]) -> None:
    found = project.numbers()
    different = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
    demand(not different, f"differ from those of an undisturbed run: {', '.join(different)}")


def whole(number: signal.Signals, times: int, seed: int, arena: Arena) -> None:
    """One run is stopped again and again, at moments that are spread over its jobs, and then goes on."""
    expected, chance = arena.expected, random.Random(seed)
    jobs = sum(1 for _ in arena.finished.results().glob("logs/**/*.log"))
    # 0: while it is planned; n: while the job that began as the nth computes
    moments = sorted(chance.sample(range(jobs), times))
    with arena.fresh() as project:
        for moment in moments:
            process = project.start()
            while process.poll() is None and sum(1 for _ in project.results().glob("logs/**/*.log")) < moment:
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 2))
            demand(process.poll() is None, f"ended before job {moment} of {jobs}")
            stop(process, number)
        goes_on(project, expected)


def steps(arena: Arena) -> None:
    """Steps of the workflow are killed alone, as the kernel does when memory is short."""
    expected = arena.expected
    with arena.fresh() as project:
        for name in STEPS:
            process = project.start()
            killed = 0
            while process.poll() is None and not killed:
                for child in steps_of(process.pid, name):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        child.kill()
                        killed += 1
                time.sleep(0.02)
            done = process.end(timeout=900)
            demand(killed, f"no step {name} was seen")
            demand(done.status != 0, f"a killed {name} is taken for a finished one")
        goes_on(project, expected)


def steps_of(pid: int, name: str) -> list[psutil.Process]:
    """Python processes below `pid` that were given the settings of a step."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                words = child.cmdline()
                if words and "python" in words[0] and any(f"settings/{name}" in word for word in words):
                    found.append(child)
    return found


def training(arena: Arena) -> None:
    """One training is killed four times; its weights are those of one that was not."""
    train = {**CONFIG["train"], "iterations": 300, "checkpoint_every": 5}
    with arena.fresh(train=train) as project:
        demand(project.run(target=WEIGHTS).status == 0, "does not run")
        expected = (project.folder / WEIGHTS).read_bytes()
    with arena.fresh(train=train) as project:
        state = (project.folder / WEIGHTS).with_name("state.pt")
        for attempt in range(4):
            process = project.start(target=WEIGHTS)
            before = state.stat().st_mtime_ns if state.exists() else 0
            while process.poll() is None and not (state.exists() and state.stat().st_mtime_ns > before):
                time.sleep(0.005)
            time.sleep(random.Random(attempt).uniform(0, 0.3))
            demand(process.poll() is None, f"ended before kill {attempt + 1}")
            stop(process, signal.SIGKILL)
        done = project.run(target=WEIGHTS)
        demand(done.status == 0, f"does not go on: {done.last_words}")
        demand("goes on from iteration" in done.output, "began anew")
        demand((project.folder / WEIGHTS).read_bytes() == expected, "has other weights")


def attacks() -> Iterator[Attack]:
    for seed in range(2):
        carry_out = partial(whole, signal.SIGKILL, 10, seed)
        yield Attack("kill -9 of the workflow", f"10 moments, {seed + 1}", carry_out, long=True, attempts=10)
    yield Attack("SIGTERM of the workflow", "4 moments", partial(whole, signal.SIGTERM, 4, 2), long=True, attempts=4)
    yield Attack("Ctrl-C of the workflow", "3 moments", partial(whole, signal.SIGINT, 3, 3), long=True, attempts=3)
    yield Attack("kill -9 of a step", "four steps", steps, long=True, attempts=len(STEPS))
    yield Attack("kill -9 of a training", "4 times", training, long=True, attempts=4)
