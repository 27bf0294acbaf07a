"""Bars of parameters, multiply-adds and latency, each network beside the one that converts it."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from hitsr import lineup
from hitsr.report.figures import bars
from hitsr.report.figures.style import WIDTH, empty
from hitsr.report.measurements import number


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """One row of panels per scale, one bar per network; a conversion says by how much it costs more or less."""
    families = lineup.families(config)
    if not families:
        return empty("no network in this run")
    formulation = config["latency"]["formulations"][-1]
    panels = [
        ("parameters (K)", "parameters", {}, 1e-3),
        ("FLOPs (G multiply-adds)", "macs_fvcore", {}, 1e-9),
        (f"latency (ms), {formulation}", "latency_median", {"variant": formulation}, 1),
    ]
    scales = config["scales"]
    size = (WIDTH, bars.height(families) * len(scales))
    figure, grid = plt.subplots(len(scales), len(panels), figsize=size, sharey=True, squeeze=False)
    for row, scale in zip(grid, scales, strict=True):
        for axes, (title, quantity, where, factor) in zip(row, panels, strict=True):
            found = {m: number(table, quantity, method=m, scale=scale, **where) for m in lineup.networks(config)}
            values = {method: value[0] * factor for method, value in found.items() if value}
            labels = bars.label_of_change(families, values)
            whiskers = _deciles(table, config, scale, formulation) if quantity == "latency_median" else {}
            bars.draw(axes, families, values, labels, config, whiskers=whiskers)
            axes.set_xlabel(f"{title}, ×{scale}")
    return figure


def _deciles(table: pd.DataFrame, config: dict, scale: int, formulation: str) -> dict[str, tuple[float, float]]:
    """The 10 and 90 percentiles of the latency."""
    where = {"scale": scale, "variant": formulation}
    ends = {
        method: [number(table, f"latency_{p}", method=method, **where) for p in ("p10", "p90")]
        for method in lineup.networks(config)
    }
    return {method: (low[0], high[0]) for method, (low, high) in ends.items() if low and high}
