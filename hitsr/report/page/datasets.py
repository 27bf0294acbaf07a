"""The data sets of a run as the page describes them, from the lists of the prepared ones."""

from collections.abc import Sequence

from hitsr.configuration import used_sets
from hitsr.data.layout import record_path
from hitsr.data.prepared import open_prepared, reasons
from hitsr.results.layout import Layout


def described(config: dict) -> list[dict]:
    """Images of every data set of the run, with source and licence, what was done to them, and how ours compare with
    given low-resolution ones."""
    found = []
    for name, role in used_sets(config).items():
        folder = Layout(config["run"]).dataset(name)
        made = [scale for scale in config["scales"] if record_path(folder, scale).is_file()]
        sets = [open_prepared(folder, scale) for scale in made]
        if sets:
            given = [text for data in sets if (text := _given_low(data.scale, data.images))]
            remarks = [*reasons(sets[0].images, sets[0].passed_over), *given]
            found.append({"name": name, "role": role, "images": sets[0].images, "remarks": remarks})
    return found


def _given_low(scale: int, images: Sequence[dict]) -> str:
    """How the low-resolution images differ from those that came with the data set; empty if none did."""
    given = [image for image in images if "given_low" in image]
    if not given:
        return ""
    differing = [image for image in given if image["given_low"]["differing_pixels"]]
    if not differing:
        return f"×{scale}: all {len(given)} low-resolution images equal the given files in every pixel"
    worst = max(differing, key=lambda image: image["given_low"]["differing_pixels"])
    low = worst["given_low"]
    how = f"{low['differing_pixels']:,} pixels" if low["same_size"] else "its size"
    share = f"{len(differing)} of {len(given)}"
    return f"×{scale}: {share} low-resolution images differ from the given files, most {worst['name']} ({how})"
