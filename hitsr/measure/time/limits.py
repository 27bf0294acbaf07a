"""What the cores of this machine can do at most: matrix products, convolutions, memory. Nothing else should run."""

import time
from collections.abc import Callable

import torch
from torch.nn import functional as F

from hitsr.optimized.linear import linear

REPEATS = 7
SIDE = 1024
"""Of the matrices."""
MAP = (180, 320)
"""Height and width of the map of a 3x3 convolution of `CHANNELS` channels, in channels-last layout."""
CHANNELS = 64
COPIED = 2**28
"""Bytes, far more than a cache holds."""


@torch.no_grad()
def limits(threads: int) -> dict[str, float]:
    """Highest rates of a few repetitions in float32.

    Returns:
        `matmul` and `convolution` in multiply-adds (G) per second, `memory` in bytes (G) read and written per second.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        a, b = torch.rand(SIDE, SIDE), torch.rand(SIDE, SIDE)
        image = torch.rand(1, CHANNELS, *MAP).to(memory_format=torch.channels_last)
        weight = torch.rand(CHANNELS, CHANNELS, 3, 3).to(memory_format=torch.channels_last)
        source = torch.rand(COPIED // 4)
        target = torch.empty_like(source)
        # by either library that PyTorch has for them
        products = min(_seconds(lambda: a @ b), _seconds(lambda: linear(a, b)))
        convolved = _seconds(lambda: F.conv2d(image, weight, padding=1))
        copied = _seconds(lambda: target.copy_(source))
    finally:
        torch.set_num_threads(before)
    return {
        "matmul": SIDE**3 / products / 1e9,
        "convolution": 9 * CHANNELS**2 * MAP[0] * MAP[1] / convolved / 1e9,
        "memory": 2 * COPIED / copied / 1e9,
    }


def _seconds(work: Callable[[], object]) -> float:
    """The shortest of some runs, after one that is not timed."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
