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


def declared(config: dict, what: str, method: str, scale: int) -> float | None:
    """Parameters or multiply-adds of an external program or of ready images, by the word of their authors.

    They are for tables and figures that mark them, and for nothing that compares. Multiply-adds for another output
    than that of `complexity` are left out.
    """
    said = config["methods"][method]["declared"]
    if said is None or (what == "macs" and not _same_output(config, said)):
        return None
    return said[what].get(str(scale))


def declaring(config: dict) -> dict[str, str]:
    """Methods of the run with declared costs, and what a reader must know: the source, and what is left out."""
    found = {}
    for method, entry in config["methods"].items():
        said = entry["declared"]
        if said:
            width, height = said["output"]
            other = said["macs"] and not _same_output(config, said)
            omitted = f"; multiply-adds are declared for a {width}×{height} output, and left out" if other else ""
            found[method] = f"{said['source']}{omitted}"
    return found


def _same_output(config: dict, said: dict) -> bool:
    return list(said["output"]) == list(config["complexity"]["output"])


def timed(
    table: pd.DataFrame,
    config: dict,
    quantity: str,
    method: str,
    scale: int,
    implementation: str,
    backend: str = "eager",
    device: str | None = None,
) -> Number | None:
    """A latency (ms) or `peak_memory` (MiB) of a method's network, at the input of `latency`.

    Args:
        device: of a run that was timed on several ones; the first if left out.

    A network that an implementation changes nothing of is timed once, as its reference.
    """
    width, height = config["latency"]["input"]
    where = {"method": costs_as(config, method), "scale": scale, "backend": backend, "input": f"{width}x{height}"}
    if device is not None:
        where["device"] = device
    found = number(table, quantity, implementation=implementation, **where)
    if found is None and implementation != "reference":
        return number(table, quantity, implementation="reference", **where)
    return found
