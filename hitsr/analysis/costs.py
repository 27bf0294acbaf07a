"""What a network costs, as every table, figure and claim of a run asks for it: one number per condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hitsr.analysis.comparisons import costs_as
from hitsr.analysis.measurements import Number, number

if TYPE_CHECKING:
    import pandas as pd

COUNTED = {"parameters": "parameters", "macs": "macs_fvcore", "activations": "activations_fvcore"}
"""Quantities of the long table by what is counted; multiply-adds by fvcore on the reference implementation."""


def counted(table: pd.DataFrame, config: dict, what: str, method: str, scale: int) -> Number | None:
    """Parameters, multiply-adds or activations of a method's network, for the output size of `complexity`."""
    return number(table, COUNTED[what], method=costs_as(config, method), scale=scale)


def timed(
    table: pd.DataFrame,
    config: dict,
    quantity: str,
    method: str,
    scale: int,
    implementation: str,
    backend: str = "eager",
) -> Number | None:
    """A latency (ms) or `peak_memory` (MiB) of a method's network, at the input of `latency`.

    A network without optimized layers is timed once, as its reference implementation, which is its optimized one too.
    """
    width, height = config["latency"]["input"]
    where = {"method": costs_as(config, method), "scale": scale, "backend": backend, "input": f"{width}x{height}"}
    found = number(table, quantity, implementation=implementation, **where)
    if found is None and implementation == "optimized":
        return number(table, quantity, implementation="reference", **where)
    return found
