"""Maps of attribution and receptive fields, as `hitsr attribute` left them beside its records."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hitsr.analysis.measurements import numbers, record
from hitsr.errors import ResultError
from hitsr.results.records import hash_of


@dataclass(frozen=True)
class Measured:
    """The maps of one method at one scale, of the first seed."""

    method: str
    scale: int
    places: list[dict]
    patch: int
    maps: dict[str, np.ndarray]


def measured(table: pd.DataFrame, config: dict, scale: int) -> list[Measured]:
    """The maps of every method of a run that was attributed at a scale."""
    found = []
    for method in config["methods"]:
        rows = numbers(table, "receptive_field_averaged", method=method, scale=scale).sort_values("seed")
        if not rows.empty:
            file = rows.file.iloc[0]
            content = record(file)
            maps = _maps(Path(file).with_name("maps.npz"), content["maps_sha256"])
            found.append(Measured(method, scale, content["places"], content["patch"], maps))
    return found


def _maps(path: Path, sha256: str) -> dict[str, np.ndarray]:
    """The maps of a file that must be the recorded one.

    Raises:
        ResultError: it is missing, or has another checksum.
    """
    content = path.read_bytes() if path.is_file() else b""
    if hash_of(content) != sha256:
        raise ResultError(
            f"{path}: missing or changed since it was measured; delete it, and run the same snakemake command again, "
            "which makes it anew by `hitsr attribute`"
        )
    with np.load(io.BytesIO(content)) as maps:
        return dict(maps)
