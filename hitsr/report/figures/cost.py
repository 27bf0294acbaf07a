"""Bars of parameters, multiply-adds and latency, each network beside the one that converts it."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.measurements import number
from hitsr.report.figures import bars
from hitsr.report.figures.style import WIDTH, empty


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """One row of panels per scale, one bar per network; a conversion says by how much it costs more or less."""
    families = lineup.families(config, lineup.distinct(config))
    if not families:
        return empty("no network in this run")
    quantities = [
        ("parameters (K)", "parameters", {}, 1e-3),
        ("FLOPs (G multiply-adds)", "macs_fvcore", {}, 1e-9),
        *((f"latency (ms), {name}", "latency_median", {"variant": name}, 1) for name in _formulations(config)),
    ]
    panels = [(scale, *quantity) for scale in config["scales"] for quantity in quantities]
    columns = 3 if len(quantities) == 3 else 2
    rows = len(panels) // columns
    size = (WIDTH, bars.height(families) * rows)
    figure, grid = plt.subplots(rows, columns, figsize=size, sharey=True, squeeze=False)
    for axes, (scale, title, quantity, where, factor) in zip(grid.flat, panels, strict=True):
        found = {m: number(table, quantity, method=m, scale=scale, **where) for m in lineup.distinct(config)}
        values = {method: value[0] * factor for method, value in found.items() if value}
        whiskers = _deciles(table, config, {"scale": scale, **where}) if quantity == "latency_median" else {}
        labels, room = bars.label_of_change(families, values), 0.68 if columns == 3 else 0.35
        bars.draw(axes, families, values, labels, config, whiskers=whiskers, room=room)
        axes.set_xlabel(f"{title}, ×{scale}")
    _same_scale([axes for axes, panel in zip(grid.flat, panels, strict=True) if panel[2] == "latency_median"])
    return figure


def _same_scale(row: list[Axes]) -> None:
    """Let bars of both formulations be compared by eye."""
    end = max(axes.get_xlim()[1] for axes in row)
    for axes in row:
        axes.set_xlim(0, end)


def _formulations(config: dict) -> list[str]:
    """As published first."""
    return sorted(config["latency"]["formulations"], key=lambda name: name != "plain")


def _deciles(table: pd.DataFrame, config: dict, where: dict) -> dict[str, tuple[float, float]]:
    """The 10 and 90 percentiles of the latency."""
    ends = {
        method: [number(table, f"latency_{p}", method=method, **where) for p in ("p10", "p90")]
        for method in lineup.distinct(config)
    }
    return {method: (low[0], high[0]) for method, (low, high) in ends.items() if low and high}
