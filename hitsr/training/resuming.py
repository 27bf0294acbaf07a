"""Which saved state a training goes on from: one that training anew with the present settings would reach too."""

import sys
from pathlib import Path

from hitsr.errors import CheckpointError
from hitsr.training import schedule
from hitsr.training.state import load_state
from hitsr.training.task import CODE


def find_state(unfinished: Path, finished: Path, identity: dict[str, object], title: str | None) -> dict | None:
    """The state to go on from, or None to begin.

    Args:
        unfinished: of a training that was interrupted: it is gone on with, or refused.
        finished: of a training that reached its end: it is gone on with where more iterations are asked for and
            nothing else hinders; otherwise the training begins anew.
        identity: everything that the weights depend on, as `Task.identity` gives it.
        title: what messages call the training; None for the silent processes.

    Raises:
        CheckpointError: the unfinished state is damaged, or training with the present settings would not have led
            to it; the message says in what they differ and what can be done.
    """
    state = load_state(unfinished)
    if state is not None:
        reasons = hindrances(state["identity"], identity, state["iteration"])
        if reasons:
            raise CheckpointError(
                f"{unfinished}: a training that has reached iteration {state['iteration']} is not continued with "
                f"other settings: {'; '.join(reasons)}; undo the change to go on, or remove {unfinished} to train anew"
            )
        return state
    try:
        state = load_state(finished)
    except CheckpointError as error:
        _say(title, f"the training before cannot be gone on with: {error}")
        return None
    if state is None or state["iteration"] == identity["train.iterations"]:
        return None
    reasons = hindrances(state["identity"], identity, state["iteration"])
    if reasons:
        reached = f"the one that reached iteration {state['iteration']} had other settings"
        _say(title, f"{reached}: {'; '.join(reasons)}")
        return None
    return state


def hindrances(saved: dict, now: dict, iteration: int) -> list[str]:
    """Why training anew would not have led to what was saved at `iteration`, in words; empty if it would have.

    Settings of the learning rate may change as long as every step up to `iteration` had the same rate.
    """
    before, after = _schedule(saved), _schedule(now)
    free = {f"train.{key}" for key in schedule.KEYS}
    changed = [key for key in {**saved, **now} if saved.get(key) != now.get(key)]
    found = [_words(key, saved, now) for key in changed if key not in free]
    moved = [_words(key, saved, now) for key in changed if key in free]
    if now["train.iterations"] < iteration:
        found.append(f"train.iterations is {now['train.iterations']}, which it has passed; give at least {iteration}")
    if not schedule.same_until(before, after, iteration):
        found += [*moved, *_way_out(before, after, iteration)]
    return found


def _way_out(saved: dict, now: dict, iteration: int) -> list[str]:
    """The key that keeps the milestones where they were, if that is all that differs."""
    kept = {**now, "schedule_iterations": schedule.planned(saved)}
    if not schedule.same_until(saved, kept, iteration):
        return []
    return [
        "this moves milestones that it has passed: set train.schedule_iterations: "
        f"{schedule.planned(saved)} to leave them where they were and go on at the rate reached"
    ]


def _schedule(identity: dict[str, object]) -> dict:
    return {key: identity[f"train.{key}"] for key in schedule.KEYS}


def _words(key: str, saved: dict[str, object], now: dict[str, object]) -> str:
    if key.startswith(CODE):
        return f"{key} has changed"
    return f"{key} was {saved.get(key)!r}, is {now.get(key)!r}"


def _say(title: str | None, reason: str) -> None:
    if title:
        print(f"{title}: trains anew, as {reason}", file=sys.stderr)
