"""Horizontal bars, one per network: a network and those that convert it touch, families stand apart."""

from matplotlib.axes import Axes

from hitsr.report.drawing.style import unmeasured

GAP = 0.45
"""Between families, in bars."""


def height(families: list[list[str]]) -> float:
    """Inches of a panel with all families."""
    return 0.6 + 0.21 * sum(map(len, families)) + 0.21 * GAP * len(families)


def positions(families: list[list[str]]) -> dict[str, float]:
    """Where each network's bar is, from the top."""
    places, at = {}, 0.0
    for family in families:
        for method in family:
            places[method] = at
            at += 1
        at += GAP
    return places


def draw(
    axes: Axes, families: list[list[str]], values: dict[str, float], labels: dict[str, str], config: dict,
    start: float = 0.0, whiskers: dict[str, tuple[float, float]] | None = None, room: float = 0.68,
) -> None:  # fmt: skip
    """Draw a bar from `start` to the value of every network, with a label at its end; "–" without a value.

    Args:
        whiskers: lower and upper end of a line over a bar.
        room: for the labels, as a part of the length of the longest bar.
    """
    if not values and not labels:
        unmeasured(axes)
        return
    places, whiskers = positions(families), whiskers or {}
    for method, at in places.items():
        value = values.get(method, start)
        low, high = whiskers.get(method, (value, value))
        axes.barh(at, value - start, left=start, color=config["methods"][method]["colour"], height=0.9, linewidth=0)
        axes.plot([low, high], [at, at], color="black", linewidth=1, solid_capstyle="butt")
        label, end = labels.get(method, "–"), (max(high, start), at)
        axes.annotate(label, end, xytext=(3, 0), textcoords="offset points", va="center", fontsize=7.5)
    ends = [*values.values(), start, *(end for line in whiskers.values() for end in line)]
    span = max(max(ends) - min(ends), 1e-9)
    axes.axvline(start, color="#999999", linewidth=1)
    axes.set_xlim(min(ends) - 0.05 * span * (min(ends) < start), max(ends) + room * span)
    axes.set_ylim(max(places.values()) + 0.65, -0.65)
    axes.set_yticks(list(places.values()), list(places))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.locator_params(axis="x", nbins=4)


def label_of_change(families: list[list[str]], values: dict[str, float]) -> dict[str, str]:
    """The value, and for a conversion the change against its base network in percent."""
    labels = {}
    for family in families:
        for method in family:
            if method not in values:
                continue
            shown = f"{values[method]:,.0f}" if values[method] >= 99.95 else f"{values[method]:#.3g}"
            base = values.get(family[0])
            change = f" ({100 * (values[method] / base - 1):+.0f} %)" if base and method != family[0] else ""
            labels[method] = shown + change.replace("-", "−")
    return labels
