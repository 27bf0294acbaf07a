"""Cost of one window of attention and correlation against its tokens."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hitsr.analysis.exponents import exponent
from hitsr.analysis.measurements import numbers
from hitsr.report import contents
from hitsr.report.drawing.style import GREY, WIDTH, empty, powers

FIGURE = contents.Figure(
    name="attention_cost",
    title="Attention cost: attention and correlation against the window",
    about="Multiply-adds, time and memory of one window against its tokens, both axes logarithmic: a steeper "
    "line grows faster. Exponents are fitted to windows of 64 tokens and more.",
    needs=("attention_cost",),
    paper="Table 1",
)

STYLES = {
    "W-SA": {"color": "#56B4E9", "marker": "o"},
    "PSA": {"color": "#CC79A7", "marker": "D"},
    "S-SC": {"color": "#0072B2", "marker": "s"},
    "C-SC": {"color": "#D55E00", "marker": "^"},
}
PANELS = (
    ("multiply-adds", "operator_macs", 1),
    ("time (ms)", "operator_latency", 1),
    ("memory (MiB)", "operator_memory", 1),
)
LINES = {"reference": "-", "optimized": ":"}


def draw(table: pd.DataFrame, config: dict) -> Figure:
    """Multiply-adds (dots counted, line by the closed form), time and memory, each with fitted exponents."""
    if numbers(table, "operator_macs").empty:
        return empty("Attention was not measured by itself.")
    figure, panels = plt.subplots(1, len(PANELS), figsize=(WIDTH, 3.3))
    for axes, (title, quantity, factor) in zip(panels, PANELS, strict=True):
        found = numbers(table, quantity).assign(value=lambda rows, factor=factor: rows.value * factor)
        for operator, style in STYLES.items():
            of_operator = found[found.method == operator]
            for implementation, line in LINES.items():
                rows = _by_tokens(of_operator[of_operator.implementation == implementation])
                lines = "none" if quantity == "operator_macs" else line
                axes.plot(rows.tokens, rows.value, linestyle=lines, markersize=4.5, linewidth=1.2, **style)
            if quantity == "operator_macs":
                formula = _by_tokens(numbers(table, "operator_formula", method=operator))
                axes.plot(formula.tokens, formula.value, color=style["color"], linewidth=1.2)
        _exponents(axes, found)
        tokens = sorted({window**2 for window in config["attention_cost"]["windows"]})
        axes.set(xscale="log", yscale="log", title=f"{title} of one window", xlabel="tokens of the window")
        axes.set_xticks(tokens, [f"{count:,}" for count in tokens], fontsize=7)
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(powers)
        axes.spines[["top", "right"]].set_visible(False)
    entries = [
        *(
            Line2D([], [], label=name, markersize=5, color=style["color"], marker=style["marker"])
            for name, style in STYLES.items()
        ),
        Line2D([], [], color=GREY, linestyle="-", label="formula; reference"),
        Line2D([], [], color=GREY, linestyle=":", label="optimized"),
    ]
    figure.legend(handles=entries, loc="outside lower center", ncols=6, frameon=False, fontsize=7.5)
    return figure


def _by_tokens(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the tokens of their window, sorted by them."""
    side = rows.input.str.split("x").str[0].astype(int)
    return rows.assign(tokens=side**2).sort_values("tokens")


def _exponents(axes: Axes, found: pd.DataFrame) -> None:
    """Fitted exponents, reference and optimized, in the corner that growing lines leave free."""
    lines = []
    for operator in STYLES:
        rows = found[found.method == operator]
        of = [rows[rows.implementation == implementation] for implementation in LINES]
        fits = [exponent(each) for each in of if len(each)]
        lines.append(f"{operator}  " + ", optimized ".join(f"$L^{{{fit.value:.2f}}}$" for fit in fits if fit))
    axes.text(
        0.03, 0.98, "\n".join(lines),
        transform=axes.transAxes, va="top", fontsize=7, color=GREY, linespacing=1.35, parse_math=True,
    )  # fmt: skip
    positive = found.value[found.value > 0]
    if not positive.empty:
        axes.set_ylim(positive.min() / 2, positive.max() * 60)
