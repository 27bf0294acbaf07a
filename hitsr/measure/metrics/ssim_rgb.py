"""SSIM on each of the three channels."""

import numpy as np

from hitsr.measure.metrics import Metric
from hitsr.measure.quality import inner
from hitsr.measure.similarity import ssim

METRIC = Metric(
    name="ssim-rgb",
    title="SSIM, RGB",
    digits=4,
    negligible=0.0005,
    protocol="rgb",
    about="Structural similarity on R, G and B, mean over the channels, without `scale` pixels of the border.",
    cites=("wang2004ssim",),
)


def compute(restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """SSIM, at most 1."""
    return ssim(*(inner(image, scale).astype(np.float64) for image in (restored, reference)))
