"""Training curves."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from hitsr.analysis.measurements import numbers
from hitsr.report import contents
from hitsr.report.drawing.style import WIDTH, empty, plain_log_ticks

FIGURE = contents.Figure(
    name="training",
    title="Training",
    about="Loss as logged (thin) and smoothed, and PSNR on the validation set.",
    needs=("training",),
)

SMOOTHING = 7
"""Entries of the loss history that the bold line averages."""


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """Loss (thin as logged, bold smoothed) and validation PSNR against the iteration; mean over seeds."""
    trained = [name for name in config["methods"] if not numbers(table, "loss", method=name).empty]
    if not trained:
        return empty("None of the run's own methods was trained.")
    scales = config["scales"]
    figure, grid = plt.subplots(len(scales), 2, figsize=(WIDTH, 2.9 * len(scales)), squeeze=False)
    for (left, right), scale in zip(grid, scales, strict=True):
        for method in trained:
            entry = config["methods"][method]
            loss = _mean(table, "loss", method, scale)
            left.plot(loss.index, loss, color=entry["colour"], linewidth=0.5, alpha=0.3)
            smooth = loss.rolling(SMOOTHING, min_periods=1, center=True).mean()
            left.plot(smooth.index, smooth, color=entry["colour"], linewidth=1.5, label=method)
            psnr = _mean(table, "validation_psnr", method, scale)
            right.plot(psnr.index, psnr, color=entry["colour"], marker=entry["marker"], markersize=4, linewidth=1.2)
        left.set(yscale="log", xlabel="iteration", ylabel=f"L1 loss, ×{scale}")
        plain_log_ticks(left)
        right.set(xlabel="iteration", ylabel=f"validation PSNR (dB), ×{scale}")
        for axes in (left, right):
            axes.spines[["top", "right"]].set_visible(False)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(labels)), frameon=False)
    return figure


def _mean(table: pd.DataFrame, quantity: str, method: str, scale: int) -> pd.Series:
    found = numbers(table, quantity, method=method, scale=scale)
    return found.groupby(found.iteration.astype(int)).value.mean()
