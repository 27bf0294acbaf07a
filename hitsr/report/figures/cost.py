"""Bars of parameters, multiply-adds and latency, each network beside the one that converts it."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.costs import counted, timed
from hitsr.analysis.measurements import implementations
from hitsr.analysis.timings import median, of_number
from hitsr.report import contents
from hitsr.report.drawing import bars
from hitsr.report.drawing.style import WIDTH, empty

FIGURE = contents.Figure(
    name="cost",
    title="Parameters, multiply-adds and latency",
    about="Parameters, multiply-adds and latency of every network beside the network that it converts, with the"
    " change. Lines over the bars of latency are 95 % intervals of the median (bootstrap over timed rounds).",
    needs=("complexity", "latency"),
    paper="efficiency comparison",
)


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """One row of panels per scale, one bar per network; a conversion says by how much it costs more or less."""
    families = lineup.families(config, lineup.distinct(config))
    if not families:
        return empty("The run has no network.")
    quantities = [
        ("parameters (K)", "parameters", None, 1e3),
        ("FLOPs (G multiply-adds)", "macs", None, 1e9),
        *((f"latency (ms), {name}", "latency_median", name, 1) for name in _implementations(config)),
    ]
    panels = [(scale, *quantity) for scale in config["scales"] for quantity in quantities]
    columns = 3 if len(quantities) == 3 else 2
    rows = len(panels) // columns
    size = (WIDTH, bars.height(families) * rows)
    figure, grid = plt.subplots(rows, columns, figsize=size, sharey=True, squeeze=False)
    for axes, (scale, title, quantity, implementation, unit) in zip(grid.flat, panels, strict=True):
        values: dict[str, float] = {}
        whiskers: dict[str, tuple[float, float]] = {}
        for method in lineup.distinct(config):
            if implementation is None:
                found = counted(table, config, quantity, method, scale)
            else:
                found = timed(table, config, quantity, method, scale, implementation)
                rounds = of_number(found, config, method, implementation)
                middle = median(rounds) if rounds else None
                whiskers |= {method: middle.interval()} if middle else {}
            values |= {method: found.value / unit} if found else {}
        labels, room = bars.label_of_change(families, values), 0.68 if columns == 3 else 0.35
        bars.draw(axes, families, values, labels, config, whiskers=whiskers, room=room)
        axes.set_xlabel(f"{title}, ×{scale}")
    _same_scale([axes for axes, panel in zip(grid.flat, panels, strict=True) if panel[2] == "latency_median"])
    return figure


def _same_scale(row: list[Axes]) -> None:
    """Let bars of both implementations be compared by eye."""
    end = max(axes.get_xlim()[1] for axes in row)
    for axes in row:
        axes.set_xlim(0, end)


def _implementations(config: dict) -> list[str]:
    """The reference first."""
    return sorted(implementations(config), key=lambda name: name != "reference")
