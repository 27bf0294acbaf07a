"""What the run can find: of every comparison of a claim the smallest difference, and what the published one takes."""

import math

import pandas as pd

from hitsr.analysis import power
from hitsr.analysis.estimates import POWER
from hitsr.analysis.evidence import gather
from hitsr.analysis.power import Power
from hitsr.analysis.run import Run
from hitsr.configuration.claims import claims
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, missing, number_cell

TABLE = contents.Table(
    name="power",
    title="What this run can find",
    about="Smallest difference that each comparison of a claim could find, beside the published one and the trainings "
    "that would find it.",
    needs=("quality",),
)

HEADERS = ["Claim", "Comparison", "Trainings", "measured", "finds from", "published", "Trainings for the published"]


def make(table: pd.DataFrame, config: dict) -> Grid:
    """A row per comparison of scores that a claim of the paper makes and that the run measured; a block per claim."""
    run, blocks = Run(table, config), []
    for key, claim in claims(config["plugins"]).items():
        if claim["test"] != "paired":
            continue
        evidence = gather(run, claim)
        found = [(power.of(one), one.sources) for one in evidence.compared]
        blocks.append([_row(key, one, tuple(sources)) for one, sources in found if one])
    low, high = power.EXPECTED
    notes = [
        f"Finds from: the smallest true difference that a run with such scatter finds with a chance of {POWER:.0%}, by "
        "the 95% interval of this comparison.",
        "Trainings for the published: of each method, by the scatter over trainings of this run; where it trained "
        f"once, by {low} and {high} dB, the least and the most that one expects.",
        *(
            f"With a scatter of {low} dB, {n} trainings find {power.findable(low, n):.3f} dB; with {high} dB, "
            f"{power.findable(high, n):.3f} dB."
            for n in (3, 5, 10)
        ),
    ]
    return Grid(f"Run {config['run']}: what its comparisons can find.", HEADERS, [b for b in blocks if b], notes)


def _row(key: str, one: Power, files: tuple[str, ...]) -> list[Cell]:
    digits = 4 if "ssim" in key else 3
    return [
        Cell(key),
        Cell(one.name),
        Cell(str(one.trainings), one.trainings),
        number_cell(one.found, f"+.{digits}f", files),
        missing() if math.isnan(one.least) else number_cell(one.least, f".{digits}f", files),
        missing() if one.published is None else Cell(f"{one.published:+.{digits}f}", one.published),
        missing() if one.published is None else Cell(_needed(one)),
    ]


def _needed(one: Power) -> str:
    if one.needed is None:
        return f"more than {power.MOST}"
    low, high = one.needed
    return str(low) if low == high else f"{low} to {high}"
