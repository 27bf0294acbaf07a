"""Tables of two runs: quality, cost, and in what the runs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hitsr.analysis.estimates import ratio_form
from hitsr.measure.metrics import Metric, declared_metrics
from hitsr.report.cells import Cell, Grid, missing, number_cell, shown
from hitsr.report.columns import scale_cell
from hitsr.report.differences import INTERVAL, difference_cells, difference_notes

if TYPE_CHECKING:
    from hitsr.analysis.runs.comparing import Compared
    from hitsr.analysis.runs.costs import Cost
    from hitsr.analysis.runs.scores import Score

TITLES = {"quality": "Quality", "cost": "Cost", "conditions": "What else differs"}
UNITS = {
    "parameters": ("Parameters (K)", 1e3, ",.1f"),
    "macs": ("FLOPs (G)", 1e9, ".2f"),
    "activations": ("Activations (M)", 1e6, ".1f"),
    "latency": ("Latency (ms)", 1, ".1f"),
    "memory": ("Peak memory (MiB)", 1, ".1f"),
}
"""How tables show a cost: its name with the unit, what the unit is of that of the long table, and the digits."""


def grids(found: Compared) -> dict[str, Grid]:
    """All tables by name; a table of nothing is left out."""
    made = {"quality": quality(found), "cost": cost(found), "conditions": conditions(found)}
    return {name: grid for name, grid in made.items() if grid.rows}


def quality(found: Compared) -> Grid:
    """A row per method, test set and metric; a block per metric."""
    one, other = found.labels
    headers = ["Method", "Scale", "Test set", "Metric", one, other, "difference", INTERVAL, "p"]
    headers += ["separated", f"changed in {other}"]
    by_metric: dict[str, list[list[Cell]]] = {}
    for score in found.scores:
        by_metric.setdefault(score.quantity, []).append(_score(score))
    sizes = {f"{score.dataset} ×{score.pair.scale}": score.comparison.images for score in found.scores}
    trainings = " or ".join(str(n) for n in sorted({score.comparison.seeds for score in found.scores}))
    seeds = max((score.comparison.seeds for score in found.scores), default=1)
    tested = [(score.comparison, score.files) for score in found.scores if not score.identical]
    notes = [
        f"difference: {other} minus {one}, on the same images. A method is matched by its network, options, training "
        "and data; where one of the same name was changed, the last column says in what.",
        *(f"{name}: {images} image{'s' if images != 1 else ''}." for name, images in sizes.items()),
        f"Trainings of each method: {trainings}.",
        *(difference_notes({"seeds": range(seeds)}, tested, "one metric") if tested else []),
    ]
    return Grid(f"{other} against {one}: quality.", headers, list(by_metric.values()), [*notes, *refusals(found)])


def _score(score: Score) -> list[Cell]:
    metric = metric_of(score.quantity)
    title, form = (metric.in_unit, metric.form) if metric else (score.quantity, ".3f")
    digits = (metric.digits if metric else 3) + 1
    row = [Cell(score.pair.name), scale_cell(score.pair.scale), Cell(score.dataset), Cell(title)]
    row += [number_cell(mean, form, score.files) for mean in score.means]
    cells = difference_cells((score.comparison, score.files), f"+.{digits}f")
    if score.identical:
        cells = [Cell("identical", 0.0, files=score.files), *[missing()] * (len(cells) - 1)]
    return [*row, *cells, Cell(score.pair.how)]


def metric_of(quantity: str) -> Metric | None:
    """What is declared of a metric; None for one of a plug-in that is not at hand."""
    declared = declared_metrics().get(quantity)
    return declared.declaration if declared else None


def cost(found: Compared) -> Grid:
    """A row per network, quantity and condition; a block per quantity."""
    one, other = found.labels
    headers = ["Method", "Scale", "Cost", "Condition", one, other, "ratio", f"{INTERVAL} of the ratio", "Remark"]
    blocks = [[_cost(each) for each in found.costs if each.quantity == quantity] for quantity in UNITS]
    notes = [f"ratio: {other} over {one}; below 1, {other} costs less."]
    if any(each.quantity == "latency" for each in found.costs):
        notes.append(
            "Latency: median of each run's rounds; interval by bootstrap over them. The rounds of two runs are not "
            "interleaved, so that the ratio also holds what the machine did meanwhile, which no interval shows."
        )
    return Grid(f"{other} against {one}: cost.", headers, [block for block in blocks if block], notes)


def _cost(each: Cost) -> list[Cell]:
    title, unit, form = UNITS[each.quantity]
    row = [Cell(each.pair.name), scale_cell(each.pair.scale), Cell(title), Cell(each.condition)]
    row += [
        Cell(shown(value / unit, form), value / unit, files=(file,))
        for value, file in zip(each.values, each.files, strict=True)
    ]
    form, interval = ratio_form(3, each.ratio, *(each.interval or ())), missing()
    row.append(number_cell(each.ratio, form, each.files, "×"))
    if each.interval:
        interval = Cell(f"[{', '.join(format(end, form) for end in each.interval)}]", files=each.files)
    return [*row, interval, Cell(each.doubt or "–")]


def conditions(found: Compared) -> Grid:
    """What differs besides the numbers; a block per kind."""
    blocks: dict[str, list[list[Cell]]] = {}
    for kind, what, first, second in found.differences:
        blocks.setdefault(kind, []).append([Cell(what), Cell(kind), Cell(first, first), Cell(second, second)])
    one, other = found.labels
    caption = f"{other} against {one}: in what configuration, code, versions, hardware and numerics differ."
    return Grid(caption, ["What", "Kind", one, other], list(blocks.values()), [])


def refusals(found: Compared) -> list[str]:
    """What is not compared, as notes."""
    return [f"Not compared: {reason}." for reason in found.refused]
