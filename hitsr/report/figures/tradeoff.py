"""PSNR against cost."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hitsr.report.figures.style import GREY, WIDTH, empty
from hitsr.report.measurements import number


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """PSNR (mean of the first test set) against multiply-adds and latency; a method without a cost is a note.

    A thin line joins a network to the HiT network that converts it.
    """
    if not config["test_sets"] or table[table.kind == "quality"].empty:
        return empty("no quality was measured in this run")
    formulation = config["latency"]["formulations"][-1]
    panels = [
        ("FLOPs (G multiply-adds)", "macs_fvcore", {}, 1e-9),
        (f"Latency (ms), {formulation}", "latency_median", {"variant": formulation}, 1),
    ]
    scales, dataset = config["scales"], config["test_sets"][0]
    figure, grid = plt.subplots(len(scales), 2, figsize=(WIDTH, 3.1 * len(scales)), sharey="row", squeeze=False)
    for row, scale in zip(grid, scales, strict=True):
        for axes, (title, quantity, where, factor) in zip(row, panels, strict=True):
            points = _points(table, config, scale, dataset, quantity, where, factor)
            _scatter(axes, points, config)
            axes.set_xlabel(f"{title}, ×{scale}")
        row[0].set_ylabel(f"PSNR (dB), {dataset}")
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(labels)), frameon=False)
    return figure


def _points(
    table: pd.DataFrame, config: dict, scale: int, dataset: str, quantity: str, where: dict, factor: float
) -> dict[str, tuple[float | None, float]]:
    """Cost (None if it has none) and PSNR by method."""
    points = {}
    for method in config["methods"]:
        psnr = number(table, "psnr", method=method, scale=scale, dataset=dataset, variant="paper")
        cost = number(table, quantity, method=method, scale=scale, **where)
        if psnr:
            points[method] = (cost[0] * factor if cost else None, psnr[0])
    return points


def _scatter(axes: Axes, points: dict[str, tuple[float | None, float]], config: dict) -> None:
    for method, (cost, psnr) in points.items():
        entry = config["methods"][method]
        if cost is None:
            note = f"{method}: {psnr:.2f} dB, at no such cost"
            axes.set_title(note, loc="right", fontsize=7.5, color=GREY)
            continue
        base = points.get(entry["converts"] or "")
        if base and base[0] is not None:
            axes.plot([base[0], cost], [base[1], psnr], color=GREY, linewidth=0.7, zorder=1)
        edge = "black" if entry["converts"] else "white"
        style = {"marker": entry["marker"], "color": entry["colour"], "edgecolors": edge, "s": 70, "zorder": 2}
        axes.scatter(cost, psnr, label=method, **style)
    axes.margins(0.12)
    axes.spines[["top", "right"]].set_visible(False)
