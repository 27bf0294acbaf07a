"""The data sets of a run as the page describes them, from the lists of the prepared ones."""

from hitsr.configuration import used_sets
from hitsr.data.layout import record_path
from hitsr.data.prepared import open_prepared
from hitsr.results.layout import Layout


def described(config: dict) -> list[dict]:
    """Images of every data set of the run, with source and licence, and how ours compare with given ones."""
    found = []
    for name, role in used_sets(config).items():
        folder = Layout(config["run"]).dataset(name)
        made = [scale for scale in config["scales"] if record_path(folder, scale).is_file()]
        images = {scale: open_prepared(folder, scale).images for scale in made}
        if images:
            given = [text for scale, shown in images.items() if (text := _given_low(scale, shown))]
            found.append({"name": name, "role": role, "images": next(iter(images.values())), "given": given})
    return found


def _given_low(scale: int, images: list[dict]) -> str:
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
