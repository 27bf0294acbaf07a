"""The one timer: a run of some work, and what is said of many of them."""

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def milliseconds(work: Callable[[], object], device: "torch.device") -> float:
    """Time of one run, from an idle device to an idle device; on CUDA by its events."""
    if device.type == "cuda":
        import torch

        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize()
        start.record()
        work()
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end)
    before = time.perf_counter()
    work()
    return (time.perf_counter() - before) * 1000


def summary(values: list[float]) -> dict[str, float]:
    """Median, 10th and 90th percentile."""
    deciles = _deciles(values)
    return {"median": statistics.median(values), "p10": deciles[0], "p90": deciles[8]}


def _deciles(values: list[float]) -> list[float]:
    """The nine deciles, between the values themselves: of few rounds, extrapolation may reach below zero."""
    return statistics.quantiles(values, n=10, method="inclusive") if len(values) > 1 else values * 9
