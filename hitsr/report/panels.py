"""The chosen crops as every method made them, for figures and page."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hitsr.analysis.crops import Crop, original, restored, scores
from hitsr.data.images import png_bytes
from hitsr.measure.metrics import Metric, chosen
from hitsr.measure.quality import luma


@dataclass(frozen=True)
class Panel:
    """A crop as one method made it.

    Attributes:
        label: the method, or "HR" for the original.
        image: uint8 `(height, width, 3)`.
        scores: of the whole image, as text, in the order of the run's metrics; empty for the original.
        best: whether no other method has a better score by the first metric, to the digits shown.
        error: absolute error of Y in levels, float64 `(height, width)`; None for the original.
    """

    label: str
    image: np.ndarray
    scores: tuple[str, ...] = ()
    best: bool = False
    error: np.ndarray | None = None

    @cached_property
    def png(self) -> bytes:
        """The crop as PNG, at its own size."""
        return png_bytes(self.image)


def panels(crop: Crop, table: pd.DataFrame, config: dict) -> list[Panel]:
    """A crop of the original and of every method, in the order of the tables."""
    whole, metrics = original(crop.dataset, crop.image, config), chosen(config)
    reference, measured = luma(whole), scores(table, config, crop)
    best = best_of({method: own[metrics[0].name] for method, own in measured.items()}, metrics[0])
    found = [Panel("HR", crop.cut(whole))]
    for method, own in measured.items():
        image = restored(method, crop.dataset, crop.image, table, config)
        texts = tuple(score_text(own[metric.name], metric) for metric in metrics if metric.name in own)
        error = crop.cut(np.abs(luma(image) - reference))
        found.append(Panel(method, crop.cut(image), texts, method in best, error))
    return found


def best_of(values: dict[str, float], metric: Metric) -> set[str]:
    """The methods with the best value; those that are equal to the digits shown are equally good."""
    rounded = {method: metric.sign * round(value, metric.digits) for method, value in values.items()}
    return {method for method, value in rounded.items() if value == max(rounded.values())}


def score_text(value: float, metric: Metric) -> str:
    """A score of one image, with its unit."""
    if math.isinf(value):
        return metric.infinite or "∞"
    return f"{value:{metric.form}} {metric.unit}".rstrip()
