"""SSIM on Y over five scales."""

import numpy as np

from hitsr.measure.metrics import Metric
from hitsr.measure.quality import inner, luma
from hitsr.measure.similarity import ms_ssim

METRIC = Metric(
    name="ms-ssim",
    title="MS-SSIM",
    digits=4,
    protocol="paper",
    about="Multi-scale structural similarity on the Y of PSNR: five scales; images of at least 176 pixels a side.",
    cites=("wang2003msssim",),
)


def compute(restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """MS-SSIM, at most 1."""
    return ms_ssim(luma(inner(restored, scale)), luma(inner(reference, scale)))
