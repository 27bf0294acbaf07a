"""Maps of attribution and receptive fields, as `hitsr attribute` left them beside its records."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hitsr.analysis.measurements import numbers, record


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
            with np.load(Path(file).with_name("maps.npz")) as maps:
                found.append(Measured(method, scale, content["places"], content["patch"], dict(maps)))
    return found
