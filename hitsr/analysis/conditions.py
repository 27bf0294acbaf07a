"""Under what conditions a run measured, against those of the paper: what differs, in words that a table can show.

A number is compared with a printed one, and a claim is judged, only where nothing that matters differs.
"""

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis import measurements
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.recipes import HIT, departures, published_recipe
from hitsr.data.layout import image_names, record_path
from hitsr.results.layout import Layout

TRAINING_SET, TRAINING_IMAGES = "DIV2K", 800
"""What the paper trains on (Section 4.1): images 0001 to 0800."""
IMAGES = {"Set5": 5, "Set14": 14, "B100": 100, "Urban100": 100, "Manga109": 109}
"""Images of the test sets of Table 2."""
NOT_SIZE = ("formulation", "drop_path")
"""Options that change neither parameters nor multiply-adds."""

SIZES = {"parameters": "parameters", "macs": "macs_fvcore"}
"""Quantities that are counted at the published size too, under a name of their own."""


def size(table: pd.DataFrame, config: dict, quantity: str, method: str, scale: int) -> measurements.Number | None:
    """`parameters` or `macs` of a network at its published size, counted beside a reduced one."""
    name = f"{quantity}_published_size" if network_differs(config, method) else SIZES[quantity]
    return measurements.number(table, name, method=lineup.costs_as(config, method), scale=scale)


def network_differs(config: dict, method: str) -> str:
    """Options in which a network departs from its published size, or an ablation's base from its; empty if none."""
    entry = all_methods(config)[method]
    if entry.get("axis"):
        return network_differs(config, entry["converts"])
    changed = {key: value for key, value in entry["options"].items() if key not in NOT_SIZE}
    return "reduced network (" + ", ".join(f"{k}={v}" for k, v in changed.items()) + ")" if changed else ""


def training_differs(config: dict, method: str, recipe: str | None = None) -> str:
    """How a method's training departs from a published recipe; empty if it does not, or brings its weights.

    Args:
        recipe: name in `hitsr/catalogs/recipes.yaml`; the one that the method's network was published with if left out.
    """
    entry = all_methods(config)[method]
    if entry["network"] is None or entry["weights"]:
        return ""
    recipe, own = recipe or published_recipe(entry["network"]) or HIT, entry["train"]
    parts = [_departure(key, own[key], published) for key, published in departures(own, recipe).items()]
    if own["start_from_x2"] and 2 not in config["scales"]:
        parts.append("not started from x2 weights, which this run does not train")
    name = entry["training_set"]
    images = _images(config, name)
    if name != TRAINING_SET:
        parts.insert(0, f"trained on {name}")
    elif images not in (None, TRAINING_IMAGES):
        parts.insert(0, f"trained on {images} of {TRAINING_IMAGES} images")
    return ", ".join(parts)


def claim_training_differs(config: dict, method: str) -> str:
    """As `training_differs`, from the recipe of HiT-SR: claims compare under it, or with a network as published."""
    published = training_differs(config, method)
    return published and training_differs(config, method, HIT)


def _departure(key: str, own: object, recipe: object) -> str:
    if key == "iterations":
        return f"{own:,} of {recipe:,} iterations"
    return f"{key} {own} instead of {recipe}"


def _images(config: dict, dataset: str | None) -> int | None:
    """Images of a prepared data set, or None if it is not there."""
    if dataset is None:
        return None
    folder, scale = Layout(config["run"]).dataset(dataset), config["scales"][0]
    return len(image_names(folder, scale)) if record_path(folder, scale).is_file() else None


def test_set_differs(dataset: str, images: int) -> str:
    """How a test set departs from the published one of the same name; empty if it has all its images."""
    if dataset not in IMAGES:
        return f"{dataset} is not a test set of the paper"
    return "" if images == IMAGES[dataset] else f"{images} of {IMAGES[dataset]} images"


def device_of(file: str) -> tuple[str, bool]:
    """Name of the device that made a measurement file, and whether it is a GPU."""
    origin = measurements.record(file)["provenance"]
    gpu = str(origin["device"]).startswith("cuda")
    return (origin["hardware"]["gpu"] if gpu else origin["hardware"]["cpu"]), gpu
