"""Latencies from the rounds in which they were measured: medians and their ratios, with intervals over the rounds."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from hitsr.analysis.comparisons import costs_as
from hitsr.analysis.estimates import RESAMPLES, SEED, Resampled
from hitsr.analysis.measurements import Number, record
from hitsr.results.layout import Layout

FEWEST = 5
"""Rounds that an interval needs: of fewer, a bootstrap says nothing."""
Key = tuple[str, str, str, str]
"""Method, implementation, back-end and input."""


class Rounds(NamedTuple):
    """Milliseconds of the rounds of one network, and the group in which they were interleaved with others."""

    milliseconds: tuple[float, ...]
    group: int | None


def of_number(
    found: Number | None, config: dict, method: str, implementation: str, backend: str = "eager"
) -> Rounds | None:
    """The rounds that a latency of `hitsr.analysis.costs.timed` is the median of; None where they were not recorded."""
    if found is None:
        return None
    width, height = config["latency"]["input"]
    content = record(found.files[0])
    known = {_name(each): tuple(each["milliseconds"]) for each in content.get("rounds", ())}
    called = _called(config, costs_as(config, method), found.files[0])
    for name in dict.fromkeys([implementation, "reference"]):
        key = (called, name, backend, f"{width}x{height}")
        if key in known:
            return Rounds(known[key], _group(content, key))
    return None


def _called(config: dict, method: str, file: str) -> str:
    """What a measurement file calls a method: that of a merged run has the name that its source gave it."""
    layout = Layout(config["run"])
    names = config["methods"].get(method, {}).get("measured_as", {})
    folders = {layout.source_of_merge(label): name for label, name in names.items()}
    return next((name for folder, name in folders.items() if Path(file).is_relative_to(folder)), method)


def _name(each: dict) -> Key:
    return each["method"], each["implementation"], each["backend"], each["input"]


def _group(content: dict, key: Key) -> int | None:
    """Number of the group whose rounds were interleaved; a network without optimized layers was asked for as any."""
    asked = {f"{key[0]} ({name}, {key[2]})" for name in (key[1], "optimized")}
    return next((n for n, members in enumerate(content.get("groups", ())) if asked.intersection(members)), None)


def median(of: Rounds) -> Resampled | None:
    """The median over rounds; None for fewer rounds than an interval needs."""
    times = np.array(of.milliseconds)
    if len(times) < FEWEST:
        return None
    drawn = np.random.default_rng(SEED).integers(0, len(times), (RESAMPLES, len(times)))
    return Resampled(float(np.median(times)), tuple(np.median(times[drawn], axis=1)), f"{len(times)} rounds")


def ratio(above: Rounds, below: Rounds) -> Resampled | None:
    """Ratio of the medians of two networks.

    Networks of one group ran in turn, and a round that was slow was slow for both: rounds are resampled, each with both
    of its times. Networks of different groups are resampled apart.
    """
    first, second = np.array(above.milliseconds), np.array(below.milliseconds)
    if min(len(first), len(second)) < FEWEST:
        return None
    random = np.random.default_rng(SEED)
    drawn = random.integers(0, len(first), (RESAMPLES, len(first)))
    together = len(first) == len(second) and above.group is not None and above.group == below.group
    other = drawn if together else random.integers(0, len(second), (RESAMPLES, len(second)))
    draws = np.median(first[drawn], axis=1) / np.median(second[other], axis=1)
    return Resampled(
        float(np.median(first) / np.median(second)), tuple(draws), f"{min(len(first), len(second))} rounds"
    )
