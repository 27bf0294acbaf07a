"""Which workers live at once: as many as fit into memory, each weighed before the next one starts.

A worker may stay if what the machine has left then holds the largest pass of those that live, as only one of them
computes at a time. If memory runs out, or the system ends a worker, while others live, it is tried again without them.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing

from hitsr.devices import choose_device
from hitsr.measure.memory import RESERVE
from hitsr.measure.time.contestants import Setting
from hitsr.measure.time.process import Worker, WorkerError, worker
from hitsr.measure.time.results import Measured, Result, Size
from hitsr.progress import progress

Group = list[tuple[Worker, Result]]

AHEAD = 6
"""Processes that load PyTorch while others are weighed on a GPU; on a CPU they would disturb, and take memory."""


def fill(
    stack: ExitStack,
    waiting: list[Result],
    found: Measured,
    setting: Setting,
    sizes: Sequence[Size],
    room: Callable[[], float],
) -> tuple[Group, list[Result]]:
    """Start the first of those that wait, as many as fit, and weigh one pass of each at every size.

    Args:
        stack: ends the workers.
        found: all results. A network without optimized layers is measured once, whatever implementations are asked for.
        room: tells how many MiB the machine has left.

    Returns:
        The workers with their results, and who still waits. Results of those that failed say why.
    """
    group: Group = []
    largest = 0.0
    processes = _processes(stack, waiting, setting)
    for place, result in enumerate(progress(waiting, desc=f"x{setting.scale} memory", unit="network")):
        started = next(processes)
        try:
            started.build()
            result.implementation = started.implementation
            if found.again(result):
                started.close()
                continue
            weighed = {size: started.memory(size) for size in sizes}
        except WorkerError as error:
            started.close()
            if group and error.kind in ("memory", "killed"):
                return group, waiting[place:]
            found.fail(result, error)
            continue
        peaks = [each.peak for each in weighed.values() if each.peak is not None]
        left = [room(), *(each.room for each in weighed.values() if each.room is not None)]
        # a GPU's memory stays with the process after the pass, so that what is left is what others may take
        largest = max([largest, *peaks]) if started.device == "cpu" else largest
        if group and min(left) < largest + RESERVE:
            started.close()
            return group, waiting[place:]
        result.weighed = weighed
        found.device, found.numerics = started.device, started.numerics
        group.append((started, result))
    return group, []


def _processes(stack: ExitStack, waiting: Sequence[Result], setting: Setting) -> Iterator[Worker]:
    """The process of each network in turn, not built yet; on a GPU some are begun beforehand. `stack` ends them all."""
    ahead = 0 if choose_device(setting.device).type == "cpu" else min(AHEAD, (os.cpu_count() or 1) // 2)
    begun: deque[Worker] = deque()
    for place in range(len(waiting)):
        for result in waiting[place + len(begun) : place + ahead + 1]:
            begun.append(stack.enter_context(closing(Worker(result.contestant, setting))))
        yield begun.popleft()


def restart(stack: ExitStack, results: list[Result], found: Measured, setting: Setting) -> Group:
    """Start workers again that were ended."""
    group: Group = []
    for result in results:
        if result.failure is None:
            try:
                group.append((stack.enter_context(worker(result.contestant, setting)), result))
            except WorkerError as error:
                found.fail(result, error)
    return group
