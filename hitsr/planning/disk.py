"""How much disk a run takes, by what is kept: from the images if they are there, else from their published sizes."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hitsr.configuration import measured_kinds, scored_scales, trained, training_sets, used_sets
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.datasets import catalogue, public_set
from hitsr.data.adoption import is_there
from hitsr.data.decoding import size_of
from hitsr.data.prepared import open_prepared
from hitsr.data.sources import sources
from hitsr.errors import HitsrError, ResultError
from hitsr.planning.workload import Training
from hitsr.results.layout import Layout

PNG = 1.8
"""Bytes per pixel of a photograph as PNG: B100 takes 1.6, ten images of Urban100 take 1.8."""
RAW = 3
"""Bytes per pixel of a packed image."""
FLOAT = 4
"""Bytes of a weight."""
PUBLISHED = {
    "DIV2K": (800, 1972 * 1437),
    "DIV2K-train": (800, 1972 * 1437),
    "DIV2K-validation": (100, 1972 * 1437),
    "Set5": (5, 313 * 336),
    "Set14": (14, 492 * 446),
    "B100": (100, 481 * 321),
    "Urban100": (100, 984 * 797),
    "Manga109": (109, 826 * 1169),
}
"""Images, and pixels of one by the average width and height in the survey of Wang et al. (arXiv 1902.06068, Table 1);
B100's images are all of one size."""


@dataclass(frozen=True)
class Item:
    """One thing on the disk: what, bytes or None if nothing is known of it, and where the figure comes from."""

    what: str
    bytes: float | None
    basis: str


def items(config: dict, trainings: list[Training], parameters: dict[str, int]) -> list[Item]:
    """What the whole run keeps on the disk.

    Args:
        trainings: of the run.
        parameters: of each trained method's network.
    """
    used = [name for name, role in used_sets(config).items() if role == "test" or trainings]
    found = [*_downloads(config, used), *_data(config, trainings, used)]
    if "quality" in measured_kinds(config):
        found.append(_images(config))
    if trainings:
        sizes = [parameters[training.method] * FLOAT for training in trainings]
        average = any(entry["train"]["ema"] for entry in all_methods(config).values() if entry["network"])
        # weights and two moments of each, and the moving average
        copies = 3 + average
        found.append(Item("weights", sum(sizes), f"{len(trainings)} trainings"))
        found.append(Item("saved states", sum(sizes) * copies, f"{len(trainings)} trainings, to go on from"))
    return found


def _downloads(config: dict, used: list[str]) -> list[Item]:
    """Archives of the public data sets that are not there; unpacked they are about as large, and removed then."""
    root, names = Path(config["data_root"]), [config["datasets"][name].get("public") for name in used]
    parts = [part for name in names if name for part in public_set(name, "public")["parts"] or [name]]
    offers = {part: public_set(part, "public")["archives"] for part in parts if not is_there(part, root)}
    if not offers:
        return []
    archives = list(dict.fromkeys(found[0]["archive"] for found in offers.values() if found))
    sizes = {name: catalogue()["archives"][name].get("bytes") for name in archives}
    unknown = [name for name, size in sizes.items() if size is None] + [part for part in offers if not offers[part]]
    known = [name for name in archives if sizes[name]]
    basis = ", ".join(known) + (f"; not known: {', '.join(unknown)}" if unknown else "")
    return [Item(f"downloads into {root}", sum(sizes[name] for name in known) or None, basis)]


def _data(config: dict, trainings: list[Training], used: list[str]) -> list[Item]:
    """Prepared images of every data set, and the packed ones that trainings read."""
    found = []
    for name in used:
        known = pixels(config, name)
        # HR once, and the low-resolution images of every scale
        shares = 1 + sum(1 / scale**2 for scale in config["scales"])
        found.append(Item(f"{name}, prepared", known and known[0] * shares * PNG, _basis(known)))
        if name in training_sets(config) and trainings:
            found.append(Item(f"{name}, packed", known and known[0] * shares * RAW, _basis(known)))
    return found


def _images(config: dict) -> Item:
    """Super-resolved test images of every method, scale and training."""
    total = 0
    for name in config["test_sets"]:
        known = pixels(config, name)
        if known is None:
            return Item("super-resolved images", None, f"the size of {name} is not known before it is there")
        total += known[0]
    seeds, learners = len(config["seeds"]), trained(config)
    results = sum(
        len(scored_scales(config, method)) * (seeds if method in learners else 1) for method in all_methods(config)
    )
    return Item("super-resolved images", results * total * PNG, f"{results} results")


def pixels(config: dict, name: str) -> tuple[int, str] | None:
    """Pixels of the high-resolution images of a data set, and how they are known; None if they are not."""
    entry = config["datasets"][name]
    for scale in config["scales"]:
        try:
            images = open_prepared(Layout(config["run"]).dataset(name), scale).images
            return sum(image["width"] * image["height"] for image in images), "prepared"
        except (ResultError, KeyError):
            continue
    try:
        files = [item.path for item in sources(entry, name, Path(config["data_root"])).images]
        return round(_rows(entry) * _headers(files)), "measured"
    except (HitsrError, OSError):
        public = PUBLISHED.get(entry.get("public", name))
        return public and (public[0] * public[1], "published size")


def _headers(paths: Iterable[Path]) -> int:
    """Pixels of images, of which only the headers are read."""
    total = 0
    for path in paths:
        width, height = size_of(path)
        total += width * height
    return total


def _rows(entry: dict) -> float:
    first, last = entry.get("rows", (0, 1))
    return last - first


def _basis(known: tuple[int, str] | None) -> str:
    return "not known before the images are there" if known is None else f"{known[0] / 1e6:,.1f} Mpixel, {known[1]}"
