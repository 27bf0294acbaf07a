"""The chosen crops as every method made them, for figures and page."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hitsr.analysis.crops import Crop, original, restored, scores
from hitsr.data.images import png_bytes
from hitsr.measure.quality import luma


@dataclass(frozen=True)
class Panel:
    """A crop as one method made it.

    Attributes:
        label: the method, or "HR" for the original.
        image: uint8 `(height, width, 3)`.
        psnr: of the whole image (Y, dB); None for the original.
        error: absolute error of Y in levels, float64 `(height, width)`.
    """

    label: str
    image: np.ndarray
    psnr: float | None
    error: np.ndarray

    @cached_property
    def png(self) -> bytes:
        """The crop as PNG, at its own size."""
        return png_bytes(self.image)


def panels(crop: Crop, table: pd.DataFrame, config: dict) -> list[Panel]:
    """A crop of the original and of every method, in the order of the tables."""
    whole = original(crop.dataset, crop.image, config)
    reference = luma(whole)
    found = [Panel("HR", crop.cut(whole), None, np.zeros((crop.height, crop.width)))]
    for method, psnr in scores(table, config, crop).items():
        image = restored(method, crop.dataset, crop.image, table, config)
        found.append(Panel(method, crop.cut(image), psnr, crop.cut(np.abs(luma(image) - reference))))
    return found
