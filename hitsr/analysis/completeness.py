"""Is every image there? A mean over fewer images than a data set has is a number of another data set.

The images of a data set are those of its list, which `hitsr prepare` wrote. Where that list is not at hand (results
that were copied from another machine), every method must at least have been scored on the same images.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hitsr.errors import ResultError
from hitsr.results.layout import Layout
from hitsr.results.records import read_record

if TYPE_CHECKING:
    import pandas as pd

KIND = "quality"
"""Kind of the measurements that are taken of every image of a test set."""
SHOWN = 3
"""Images that a message names."""


def check_complete(table: pd.DataFrame, layout: Layout | None = None) -> None:
    """Check that every quality was measured on every image of its data set.

    Args:
        layout: where the lists of images lie; below the current folder if left out.

    Raises:
        ResultError: an image is missing, or is not of the data set; the message names the file and the command.
    """
    scored = table[table.kind == KIND]
    first: dict[tuple[str, int], tuple[set[str], str]] = {}
    for (dataset, scale, _, file), rows in scored.groupby(["dataset", "scale", "quantity", "file"], sort=False):
        images = set(rows.image)
        key = dataset, int(scale)
        if key not in first:
            listed = _listed(layout or Layout(str(rows.run.iloc[0])), *key)
            first[key] = (images, file) if listed is None else listed
        expected, source = first[key]
        if images != expected:
            raise ResultError(_difference(file, dataset, images, expected, source))


def _listed(layout: Layout, dataset: str, scale: int) -> tuple[set[str], str] | None:
    """Images of a prepared data set and the file that lists them; None if it is not there."""
    path = layout.images(dataset, scale)
    return ({image["name"] for image in read_record(path)["images"]}, str(path)) if path.is_file() else None


def _difference(file: str, dataset: str, images: set[str], expected: set[str], source: str) -> str:
    missing, foreign = sorted(expected - images), sorted(images - expected)
    names = ", ".join((missing or foreign)[:SHOWN]) + (", ..." if len(missing or foreign) > SHOWN else "")
    what = f"lacks {len(missing)} of the {len(expected)}" if missing else f"has {len(foreign)} more than the"
    return (
        f"{file}: {what} images of {dataset} in {source} ({names}); delete it, and run the same snakemake "
        "command again, which makes it anew by `hitsr score`"
    )
