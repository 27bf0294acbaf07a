"""Under what conditions a run measured, against those of the paper: what differs, in words that a table can show.

A number is compared with a printed one, and a claim is judged, only where nothing that matters differs. What something
is called decides nothing: networks are compared by their options, trainings by their recipe and what they were trained
on, given weights by their checksum or by the training record inside them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hitsr.analysis import comparisons as lineup
from hitsr.analysis import measurements
from hitsr.checkpoints.metadata import record_of
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.recipes import HIT, PROTOCOL, departures, published_recipe, recipes
from hitsr.configuration.weights import catalogue
from hitsr.data.layout import record_path
from hitsr.data.prepared import open_prepared
from hitsr.errors import HitsrError
from hitsr.results.layout import Layout

if TYPE_CHECKING:
    import pandas as pd

DIV2K = {"images": 800, "names": ["0001", "0800"], "longer_sides": [2040]}
"""What the paper trains on (Section 4.1): images 0001 to 0800 of DIV2K, whose longer side has 2040 pixels."""
NOT_THE_NETWORK = ("formulation", "implementation")
"""Options that change how a network is computed, never what."""
NOT_SIZE = (*NOT_THE_NETWORK, "drop_path")
"""Options that change neither parameters nor multiply-adds."""

SIZES = {"parameters": "parameters", "macs": "macs_fvcore"}
"""Quantities that are counted at the published size too, under a name of their own."""


def size(table: pd.DataFrame, config: dict, quantity: str, method: str, scale: int) -> measurements.Number | None:
    """`parameters` or `macs` of a network at its published size, counted beside a reduced one."""
    name = f"{quantity}_published_size" if size_differs(config, method) else SIZES[quantity]
    return measurements.number(table, name, method=lineup.costs_as(config, method), scale=scale)


def network_differs(config: dict, method: str) -> str:
    """Options in which a network departs from the published one, or an ablation's base from its; empty if none."""
    return _options_differ(config, method, NOT_THE_NETWORK)


def size_differs(config: dict, method: str) -> str:
    """As `network_differs`, of the options that change what the network costs."""
    return _options_differ(config, method, NOT_SIZE)


def _options_differ(config: dict, method: str, ignored: tuple[str, ...]) -> str:
    entry = all_methods(config)[method]
    if entry.get("axis"):
        return _options_differ(config, entry["baseline"], ignored)
    stated = recipes()[entry["recipe"]]["options"] if entry["recipe"] else {}
    changed = {key: value for key, value in entry["options"].items() if key not in ignored}
    # what the recipe sets, such as stochastic depth, is a matter of the training
    changed = {key: value for key, value in changed.items() if stated.get(key) != value}
    return _changed(changed) if changed else ""


def _changed(options: dict) -> str:
    reduced = "reduced network" if set(options) - {"drop_path"} else "another network"
    return f"{reduced} (" + ", ".join(f"{k}={v}" for k, v in options.items()) + ")"


def training_differs(table: pd.DataFrame, config: dict, method: str, scale: int, recipe: str | None = None) -> str:
    """How the weights of a method were made otherwise than a published recipe says; empty if they were not.

    Args:
        recipe: name in `hitsr/catalogs/recipes.yaml`; the one that the method's network was published with if left out.
    """
    entry = all_methods(config)[method]
    if entry["network"] is None:
        return ""
    wanted = recipe or published_recipe(entry["network"]) or HIT
    path = entry["weights"].get(str(scale))
    if path is not None:
        return weights_differ(table, entry["network"], method, scale, Path(path), wanted)
    parts = recipe_differs(entry["train"], wanted)
    if entry["train"]["start_from_x2"] and scale != 2 and 2 not in config["scales"]:
        parts.append("not started from x2 weights, which this run does not train")
    return ", ".join([*training_set_differs(trained_on(table, config, method, scale)), *parts])


def claim_training_differs(table: pd.DataFrame, config: dict, method: str, scale: int) -> str:
    """As `training_differs`, from the recipe of HiT-SR: claims compare under it, or with a network as published."""
    published = training_differs(table, config, method, scale)
    return published and training_differs(table, config, method, scale, HIT)


def recipe_differs(train: dict, recipe: str) -> list[str]:
    """Keys of `train` in which a training departs from a recipe, in words."""
    return [_departure(key, train[key], published) for key, published in departures(train, recipe).items()]


def weights_differ(table: pd.DataFrame, network: str, method: str, scale: int, path: Path, recipe: str) -> str:
    """Why given weights are neither known published ones nor trained by a recipe; empty if they are one of both."""
    checksum = used_weights(table, method, scale)
    if checksum is None:
        return f"weights without a recorded checksum ({path.name}); score them again"
    files = catalogue().get(network, {}).get("files", {}).get(str(scale), [])
    if any(checksum.startswith(file["sha256"]) for file in files if file.get("sha256")):
        return ""
    own = record_of(path)
    train = own["record"].get("train") if own else None
    if not own or train is None:
        known = "no checksum of the published ones is known" if not any(f.get("sha256") for f in files) else "another"
        how = "" if known != "another" else " than the published ones'"
        return f"{path.name}: not known to be the published weights ({known}{' checksum' if how else ''}{how})"
    if (own["network"], own["scale"]) != (network, scale):
        return f"{path.name}: weights of {own['network']} ×{own['scale']}"
    complete = {key: train.get(key) for key in PROTOCOL}
    parts = training_set_differs(own["record"].get("trained_on")) + recipe_differs({**train, **complete}, recipe)
    stated = recipes()[recipe]["options"]
    changed = {k: v for k, v in own["options"].items() if k not in NOT_THE_NETWORK and stated.get(k) != v}
    return ", ".join([*([_changed(changed)] if changed else []), *parts])


def given_once(config: dict, method: str, scale: int) -> bool:
    """Whether the weights of a method are given: one training, by whoever published it."""
    return str(scale) in all_methods(config)[method]["weights"]


def used_weights(table: pd.DataFrame, method: str, scale: int) -> str | None:
    """SHA-256 of the weights that a method was scored or attributed with; None where it is not recorded, or differs."""
    rows = table[(table.method == method) & (table.scale == scale) & table.kind.isin(["quality", "attribution"])]
    found = {(measurements.record(file).get("weights") or {}).get("sha256") for file in rows.file.unique()}
    return found.pop() if len(found) == 1 else None


def trained_on(table: pd.DataFrame, config: dict, method: str, scale: int) -> dict | None:
    """What a method was trained on, as its histories say; else as the prepared data set says. None if neither does."""
    rows = table[(table.kind == "training") & (table.method == method) & (table.scale == scale)]
    found = [measurements.record(file).get("trained_on") for file in rows.file.unique()]
    if found and found[0] is not None and all(other == found[0] for other in found):
        return found[0]
    name = all_methods(config)[method]["training_set"]
    folder = Layout(config["run"]).dataset(name) if name else None
    if folder is None or not record_path(folder, scale).is_file():
        return None
    try:
        return open_prepared(folder, scale).summary
    except (HitsrError, KeyError):
        return None


def training_set_differs(summary: dict | None) -> list[str]:
    """How a training set departs from the paper's, in words; what nobody recorded departs too."""
    if summary is None:
        return ["what it was trained on is not recorded"]
    if all(summary.get(key) == value for key, value in DIV2K.items()):
        return []
    first, last = summary["names"]
    if (first, last) == ("0001", "0800") or summary["longer_sides"] == [2040]:
        return [f"trained on {summary['images']} of {DIV2K['images']} images"]
    return [f"trained on {summary['name']} ({summary['images']} images)"]


def _departure(key: str, own: object, recipe: object) -> str:
    if key == "iterations" and isinstance(own, int) and isinstance(recipe, int):
        return f"{own:,} of {recipe:,} iterations"
    return f"{key} {own} instead of {recipe}"
