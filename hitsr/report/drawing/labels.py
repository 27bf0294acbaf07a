"""Labels beside points that cover neither each other nor a point: each at the first of some places that is free."""

import math

from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

DISTANCES = (6, 11, 18, 27, 38, 52, 68, 86)
"""Points between a marker and its label, nearest first."""
DIRECTIONS = 16
MARKER = 4.0
"""Half the side, in points, of what a marker covers."""


def place(axes: Axes, points: dict[str, tuple[float, float]], size: float = 6.5, styles: dict | None = None) -> None:
    """Write the name of each point beside it, with a line to it where there is no room nearby.

    To be called when the limits of the axes are final. The same points give the same places.

    Args:
        points: place in data units by name.
        styles: further keywords of a text by name, such as its colour.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    unit = figure.dpi / 72
    centres = {name: axes.transData.transform(point) for name, point in points.items()}
    taken = [_around(centre, MARKER * unit) for centre in centres.values()]
    inside = axes.get_window_extent()
    # the most crowded first, as they have the fewest places
    for name in sorted(points, key=lambda one: (-_neighbours(centres, one, 40 * unit), one)):
        note = axes.annotate(
            name,
            points[name],
            (0, 0),
            textcoords="offset points",
            fontsize=size,
            zorder=4,
            **(styles or {}).get(name, {}),
        )
        note.set_in_layout(False)
        note.set_path_effects([withStroke(linewidth=1.5, foreground="white")])
        others = [centre for other, centre in centres.items() if other != name]
        best = min(_places(), key=lambda at: _cost(note, at, taken, inside, unit) + _mistakable(note, others, unit))
        _move(note, best)
        taken.append(note.get_window_extent())
        if math.hypot(*best) > DISTANCES[1] + 1:
            axes.annotate(
                "", points[name], best, textcoords="offset points", zorder=2,
                arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": "#888888", "shrinkA": 0, "shrinkB": 3},
            ).set_in_layout(False)  # fmt: skip


def _places() -> list[tuple[float, float]]:
    """Offsets in points, nearest first, to the right first."""
    angles = [2 * math.pi * number / DIRECTIONS for number in range(DIRECTIONS)]
    return [(r * math.cos(angle), r * math.sin(angle)) for r in DISTANCES for angle in angles]


def _move(note: Annotation, offset: tuple[float, float]) -> None:
    x, y = offset
    note.set_position(offset)
    note.set_horizontalalignment("left" if x > 1 else "right" if x < -1 else "center")
    note.set_verticalalignment("bottom" if y > 3 else "top" if y < -3 else "center")


def _cost(note: Annotation, offset: tuple[float, float], taken: list[Bbox], inside: Bbox, unit: float) -> float:
    """What a place costs: what it covers first of all, then its distance."""
    _move(note, offset)
    box = note.get_window_extent().padded(0.6 * unit)
    covered = sum(_overlap(box, other) for other in taken)
    outside = box.width * box.height - _overlap(box, inside)
    return 1000 * (covered + outside) / (unit * unit) + math.hypot(*offset)


def _mistakable(note: Annotation, others: list, unit: float) -> float:
    """What it costs that a label, where `_cost` has moved it, is as near to another point as to its own."""
    box = note.get_window_extent().padded(1.5 * MARKER * unit)
    return 25.0 * sum(box.contains(*centre) for centre in others)


def _overlap(first: Bbox, second: Bbox) -> float:
    shared = Bbox.intersection(first, second)
    return shared.width * shared.height if shared else 0.0


def _around(centre, reach: float) -> Bbox:
    return Bbox.from_extents(centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach)


def _neighbours(centres: dict, name: str, reach: float) -> int:
    x, y = centres[name]
    return sum(math.hypot(x - other[0], y - other[1]) < reach for other in centres.values())
