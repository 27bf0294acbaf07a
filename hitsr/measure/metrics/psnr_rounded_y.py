"""PSNR on Y rounded to whole levels."""

import numpy as np

from hitsr.measure.metrics import Metric
from hitsr.measure.quality import inner, luma, psnr

METRIC = Metric(
    name="psnr-rounded-y",
    title="PSNR, Y rounded",
    unit="dB",
    digits=2,
    negligible=0.05,
    protocol="rounded-y",
    infinite="identical",
    about="Peak signal-to-noise ratio on Y rounded to whole levels: up to 0.1 dB below that of the papers.",
)


def compute(restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """PSNR in dB; infinite for equal Y."""
    return psnr(*(np.round(luma(inner(image, scale))) for image in (restored, reference)))
