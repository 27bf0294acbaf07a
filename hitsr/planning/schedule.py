"""How long trainings take on several devices: a simulation that starts the longest chain first."""

import heapq
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One training: its duration (s), the devices it needs at once, and what it waits for."""

    key: object
    seconds: float
    devices: int = 1
    after: object = None


def wall_seconds(tasks: list[Task], devices: int) -> float:
    """Time from the first start to the last end, if nothing else waits and every device is equally fast.

    A task that needs more devices than there are takes them all, and longer in proportion.
    """
    followers: dict[object, list[Task]] = {}
    known = {task.key for task in tasks}
    for task in tasks:
        if task.after in known:
            followers.setdefault(task.after, []).append(task)

    def chain(task: Task) -> float:
        return task.seconds + max((chain(next_) for next_ in followers.get(task.key, [])), default=0.0)

    def entry(task: Task) -> tuple[float, int, Task]:
        return -chain(task), order[task.key], task

    order = {task.key: place for place, task in enumerate(tasks)}
    ready = [entry(task) for task in tasks if task.after not in known]
    heapq.heapify(ready)
    running: list[tuple[float, int, int, Task]] = []
    free, now = devices, 0.0
    while ready or running:
        waiting = []
        while ready:
            item = heapq.heappop(ready)
            task = item[2]
            needed = min(task.devices, devices)
            if needed <= free:
                free -= needed
                end = now + task.seconds * task.devices / needed
                heapq.heappush(running, (end, order[task.key], needed, task))
            else:
                waiting.append(item)
        for item in waiting:
            heapq.heappush(ready, item)
        now, _, released, done = heapq.heappop(running)
        free += released
        for task in followers.get(done.key, []):
            heapq.heappush(ready, entry(task))
    return now
