"""Processes are killed or told to stop: the same command goes on, to equal tables and weights, without --unlock."""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial

import psutil
from arena import CONFIG, Arena, Attack, Project, demand
from projects import Workflow

STEPS = ("prepare", "train", "restore", "score")


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
    process.end(timeout=120)


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


def whole(number: signal.Signals, seed: int, arena: Arena) -> None:
    """The workflow is stopped at a random moment, and then goes on."""
    expected = arena.expected
    moment = random.Random(seed).uniform(1, arena.seconds)
    with arena.fresh() as project:
        process = project.start()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moment)
        stop(process, number)
        goes_on(project, expected)


def step(verb: str, arena: Arena) -> None:
    """One step of the workflow is killed alone, as the kernel does when memory is short."""
    expected = arena.expected
    with arena.fresh() as project:
        process = project.start()
        killed = 0
        while process.poll() is None and not killed:
            for child in steps_of(process.pid, verb):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
                    killed += 1
            time.sleep(0.02)
        done = process.end(timeout=400)
        demand(killed, f"no step {verb} was seen")
        demand(done.status != 0, "a killed step is taken for a finished one")
        goes_on(project, expected)


def steps_of(pid: int, verb: str) -> list[psutil.Process]:
    """Python processes below `pid` that carry out a verb."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                words = child.cmdline()
                if verb in words and "python" in words[0] and any("hitsr" in word for word in words[1:3]):
                    found.append(child)
    return found


def training(arena: Arena) -> None:
    """One training is killed four times."""
    train = {**CONFIG["train"], "iterations": 300, "checkpoint_every": 5}
    with arena.fresh(train=train) as project:
        demand(project.run().status == 0, "does not run")
        expected = project.numbers()
    with arena.fresh(train=train) as project:
        kills = 0
        for attempt in range(4):
            process = project.start("--notemp", target=weights())
            state = project.folder / weights().replace("weights.safetensors", "state.pt")
            before = state.stat().st_mtime_ns if state.exists() else 0
            while process.poll() is None:
                if state.exists() and state.stat().st_mtime_ns > before:
                    time.sleep(random.Random(attempt).uniform(0, 0.5))
                    break
                time.sleep(0.005)
            kills += process.poll() is None
            stop(process, signal.SIGKILL)
        demand(kills >= 2, f"could only be killed {kills} times")
        goes_on(project, expected)


def weights() -> str:
    return "results/small/train/SwinIR-Light/x2/seed0/weights.safetensors"


def attacks() -> Iterator[Attack]:
    for number, times in ((signal.SIGKILL, 20), (signal.SIGTERM, 4), (signal.SIGINT, 3)):
        name = {signal.SIGKILL: "kill -9", signal.SIGTERM: "SIGTERM", signal.SIGINT: "Ctrl-C"}[number]
        for seed in range(times):
            yield Attack(f"{name} of the workflow", f"moment {seed + 1}", partial(whole, number, seed), long=True)
    for verb in STEPS:
        yield Attack("kill -9 of a step", verb, partial(step, verb), long=True)
    yield Attack("kill -9 of a training", "four times", training, long=True)
