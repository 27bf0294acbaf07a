"""SSIM on Y rounded to whole levels."""

import numpy as np

from hitsr.measure.metrics import Metric
from hitsr.measure.quality import inner, luma
from hitsr.measure.similarity import ssim

METRIC = Metric(
    name="ssim-rounded-y",
    title="SSIM, Y rounded",
    digits=4,
    negligible=0.0005,
    protocol="rounded-y",
    about="Structural similarity on Y rounded to whole levels: up to 0.001 below that of the papers.",
    cites=("wang2004ssim",),
)


def compute(restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """SSIM, at most 1."""
    return ssim(*(np.round(luma(inner(image, scale))) for image in (restored, reference)))
