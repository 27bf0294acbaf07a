"""Time networks against each other: each in a process of its own, in interleaved rounds, after untimed ones.

In each round every network runs once, in turn, beginning with another one each time: a machine that warms up or slows
down favours none, and none always follows the same other one. The processes wait for each other, so only one computes
at a time, and no network is faster for the memory that another has left behind. Weights do not matter for time and are
fresh.

As many processes live at once as fit into memory (see `hitsr.measure.time.groups`). If not all do, they form groups,
and the groups take turns, each time for a part of the rounds, so that all are measured over the same stretch of time.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from hitsr.devices import choose_device
from hitsr.measure.memory import available
from hitsr.measure.time import backends
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.gpu import Watch, named
from hitsr.measure.time.groups import Group, fill, restart
from hitsr.measure.time.process import WorkerError
from hitsr.measure.time.results import Measured, Result, Size
from hitsr.progress import progress

TURNS = 3
"""How often each group comes, where not all networks fit into memory at once."""


def measure(
    contestants: Sequence[Contestant],
    setting: Setting,
    sizes: Sequence[Size],
    room: Callable[[], float] = available,
    failed: Callable[[WorkerError], None] = lambda error: None,
) -> Measured:
    """Measure all networks under one setting, at low-resolution inputs of the given widths and heights.

    A network that fails has its reason in its result, and the others go on, unless `failed` raises it.

    Args:
        room: tells how many MiB the machine has left.
        failed: is told of each failure at once.
    """
    found = Measured([Result(contestant) for contestant in contestants], failed)
    # the processes that are started claim the same device
    device = choose_device(setting.device)
    for result in found.results:
        reason = backends.load(result.contestant.backend).available(device)
        if reason:
            found.fail(result, WorkerError(result.contestant, "unavailable", f"not available: {reason}"))
    with Watch(named(device)) as watch:
        _measure(found, setting, sizes, room)
    found.gpu = watch.summary()
    return found


def _measure(found: Measured, setting: Setting, sizes: Sequence[Size], room: Callable[[], float]) -> None:
    turns = list(_shares(setting.repeats))
    waiting = [result for result in found.results if result.failure is None]
    while waiting:
        with ExitStack() as stack:
            group, waiting = fill(stack, waiting, found, setting, sizes, room)
            if group:
                found.groups.append([result for _, result in group])
                only = not waiting and len(found.groups) == 1
                _rounds(group, found, setting, sizes, setting.repeats if only else turns[0])
    if len(found.groups) > 1:
        for share in turns[1:]:
            for results in found.groups:
                with ExitStack() as stack:
                    _rounds(restart(stack, results, found, setting), found, setting, sizes, share)


def _shares(repeats: int) -> Iterator[int]:
    """Rounds of each turn of a group."""
    turns = min(TURNS, repeats)
    for turn in range(turns):
        yield repeats // turns + (turn < repeats % turns)


def _rounds(group: Group, found: Measured, setting: Setting, sizes: Sequence[Size], count: int) -> None:
    """Time a group for so many rounds at every size, after the untimed ones."""
    for size in sizes:
        title = f"x{setting.scale} {size[0]}x{size[1]} time"
        for number in progress(range(-setting.warm_up, count), desc=title, unit="round"):
            first = number % len(group)
            for worker, result in [*group[first:], *group[:first]]:
                if result.failure:
                    continue
                try:
                    milliseconds = worker.time(size)
                except WorkerError as error:
                    worker.close()
                    found.fail(result, error)
                else:
                    if number >= 0:
                        result.times[size].append(milliseconds)
