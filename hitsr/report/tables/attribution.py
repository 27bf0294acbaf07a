"""How much of the image networks use: diffusion index and receptive field, against the network that each converts."""

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.differences import differences
from hitsr.analysis.measurements import number, numbers
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured
from hitsr.report.columns import method_cell, scale_cell
from hitsr.report.differences import INTERVAL, difference_cells, difference_notes

TABLE = contents.Table(
    name="attribution",
    title="How much of the image networks use",
    about="Diffusion index of local attribution maps and effective receptive field, against the converted network.",
    needs=("attribution",),
    cites=("gu2021lam", "luo2016erf"),
)

HEADERS = ["Method", "Scale", "Test set", "Images", "Diffusion index"]
DIFFERENCE = ["difference", INTERVAL, "p", "separated"]


def make(table: pd.DataFrame, config: dict) -> Grid:
    """One row per network that was attributed, a block per scale and test set."""
    compared = differences(table, config, "diffusion_index")
    fair = {method: lineup.fair_base(config, method) for method in config["methods"]}
    found = {(p.method, p.scale, p.dataset): c for p, c in compared.items() if p.base == fair[p.method]}
    blocks = []
    for scale in config["scales"]:
        for dataset in config["test_sets"]:
            rows = numbers(table, "diffusion_index", scale=scale, dataset=dataset)
            methods = [method for method in config["methods"] if method in set(rows.method)]
            blocks.append([_row(table, config, found, method, scale, dataset) for method in methods])
    caption = f"Run {config['run']}: diffusion index of local attribution maps, and effective receptive field."
    remarks = [
        "Diffusion index (Gu and Dong, CVPR 2021): 100 if all pixels of the crop matter equally, near 0 if one does.",
        "Receptive field: side of the smallest centred square that holds 95 % of the absolute gradient of an output "
        "pixel, in pixels of the low-resolution image, mean over images.",
        *(
            [
                "Differences are from the network that each converts, under the same recipe where the run has it so.",
                *difference_notes(config, list(compared.values()), "the diffusion index"),
            ]
            if found
            else []
        ),
    ]
    headers = [*HEADERS, *DIFFERENCE, "Receptive field"]
    return Grid(caption, headers, [block for block in blocks if block], remarks)


def _row(table: pd.DataFrame, config: dict, found: dict, method: str, scale: int, dataset: str) -> list[Cell]:
    where = {"method": method, "scale": scale, "dataset": dataset}
    images = numbers(table, "diffusion_index", **where).image.nunique()
    return [
        method_cell(method, config["methods"][method]),
        scale_cell(scale),
        Cell(dataset),
        Cell(str(images), images),
        measured(number(table, "diffusion_index", **where), ".2f"),
        *difference_cells(found.get((method, scale, dataset)), "+.2f"),
        measured(number(table, "receptive_field", **where), ".1f"),
    ]
