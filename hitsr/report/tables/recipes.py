"""Recipe and network as a 2 x 2: what the network gains by each recipe, what the recipe gains each network."""

import math

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.differences import Group, Pair, Scored, grouped, scores
from hitsr.analysis.estimates import LEVEL
from hitsr.analysis.measurements import number
from hitsr.analysis.scores import difference
from hitsr.measure.metrics import Metric, chosen
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured, missing, number_cell
from hitsr.report.columns import recipe_notes, scale_cell

TABLE = contents.Table(
    name="recipes",
    title="Recipe and network",
    about="Score of a network and of the one that converts it, each by the recipe of either: what the network gains, "
    "and what the recipe gains.",
    needs=("quality",),
)

HEADERS = ["Network", "Scale", "Test set"]


def make(table: pd.DataFrame, config: dict) -> Grid:
    """Three rows per pair, scale and test set: both networks by both recipes, and the differences between them."""
    metric = chosen(config)[0]
    found, blocks = grouped(table, metric.name), []
    for base, ours in _pairs(config):
        for scale in config["scales"]:
            for dataset in config["test_sets"]:
                blocks.append(_block(table, config, metric, found, (base, ours), scale, dataset))
    headers = [*HEADERS, f"{metric.in_unit}, base's recipe", f"{metric.in_unit}, converting network's recipe"]
    notes = [
        f"Differences with their {LEVEL:.0%} intervals over trainings and images, each of this comparison alone.",
        "Networks of the base's row gain down a column, recipes along a row.",
        *recipe_notes(config),
    ]
    if not blocks:
        notes.insert(0, "No network of this run is trained by two recipes, and so is the one that converts it.")
    caption = f"Run {config['run']}: {metric.in_unit} by recipe and network."
    return Grid(caption, [*headers, "gain of the recipe"], blocks, notes)


def _pairs(config: dict) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Bases and the networks that convert them, each by the base's recipe and by that of the converting network."""
    found = []
    for ours, entry in config["methods"].items():
        base = entry["baseline"]
        if entry["retrains"] or base not in config["methods"] or entry["network"] is None:
            continue
        by_ours, by_base = lineup.control(config, ours, base), lineup.control(config, base, ours)
        if by_ours and by_base:
            found.append(((base, by_ours), (by_base, ours)))
    return found


def _block(
    table: pd.DataFrame,
    config: dict,
    metric: Metric,
    found: dict[Group, Scored],
    pairs: tuple[tuple[str, str], tuple[str, str]],
    scale: int,
    dataset: str,
) -> list[list[Cell]]:
    rows = []
    for first, second in pairs:
        own = first if not config["methods"][first]["retrains"] else second
        cells = [measured(number(table, metric.name, method=m, scale=scale, dataset=dataset), metric.form)
                 for m in (first, second)]  # fmt: skip
        where = [Cell(own), scale_cell(scale), Cell(dataset)]
        rows.append([*where, *cells, _gain(found, metric, Pair(second, first, scale, dataset))])
    (base, by_ours), (by_base, ours) = pairs
    gains = [_gain(found, metric, Pair(a, b, scale, dataset)) for a, b in ((by_base, base), (ours, by_ours))]
    return [*rows, [Cell("gain of the network"), scale_cell(scale), Cell(dataset), *gains, missing()]]


def _gain(found: dict[Group, Scored], metric: Metric, pair: Pair) -> Cell:
    both, files = scores(found, pair)
    if both is None:
        return missing()
    estimate, form = difference({"": both}), f"+.{metric.digits + 1}f"
    low, high = estimate.interval()
    interval = "" if math.isnan(low) else f" [{low:{form}}, {high:{form}}]"
    return number_cell(estimate.value, form, files, interval)
