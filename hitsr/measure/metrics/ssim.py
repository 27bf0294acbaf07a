"""SSIM on Y as the tables of the field mean it."""

import numpy as np

from hitsr.measure.metrics import Metric
from hitsr.measure.quality import inner, luma
from hitsr.measure.similarity import ssim

METRIC = Metric(
    name="ssim",
    title="SSIM",
    digits=4,
    negligible=0.0005,
    protocol="paper",
    about="Structural similarity on the Y of PSNR: Gaussian windows of 11 pixels, sigma 1.5, those inside the image.",
    cites=("wang2004ssim",),
)


def compute(restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """SSIM, at most 1."""
    return ssim(luma(inner(restored, scale)), luma(inner(reference, scale)))
