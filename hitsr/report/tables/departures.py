"""How the run trains otherwise than the authors' code does: what holds for all, and what for one network."""

import pandas as pd

from hitsr.catalogs import FOLDER
from hitsr.configuration import trained
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.recipes import departures, recipes
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid
from hitsr.schema.files import read_yaml

TABLE = contents.Table(
    name="departures",
    title="Departures from the authors' training",
    about="What our training does otherwise than the public code of the authors, and from where that is known.",
)

HEADERS = ["Of", "What", "There", "Here"]


def make(table: pd.DataFrame, config: dict) -> Grid:
    """A block of what holds for all trainings, and one per recipe that the run uses."""
    blocks = [[[Cell("all"), *(Cell(entry[key]) for key in ("what", "there", "here"))] for entry in shared()]]
    methods = all_methods(config)
    used: dict[str, list[str]] = {}
    for name in trained(config):
        recipe = methods[name]["recipe"]
        if recipe:
            used.setdefault(recipe, []).append(name)
    for recipe, names in used.items():
        entry = recipes()[recipe]
        rows = [[Cell(entry["title"]), Cell(text), Cell(""), Cell("")] for text in entry["departures"]]
        for name in names:
            changed = departures(methods[name]["train"], recipe)
            rows += [
                [Cell(name), Cell(key), Cell(str(value)), Cell(str(methods[name]["train"][key]))]
                for key, value in changed.items()
            ]
        blocks.append(rows)
    notes = [f"{recipes()[recipe]['title']}: {recipes()[recipe]['source']}." for recipe in used]
    caption = f"Run {config['run']}: how its trainings depart from those of the authors."
    return Grid(caption, HEADERS, [block for block in blocks if block], notes)


def shared() -> list[dict[str, str]]:
    """What holds for all trainings."""
    found = read_yaml(FOLDER / "departures.yaml")
    return [{"what": what, "there": entry["there"], "here": entry["here"]} for what, entry in found.items()]
