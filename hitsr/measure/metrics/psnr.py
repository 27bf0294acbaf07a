"""PSNR on Y as the tables of the field mean it."""

import numpy as np

from hitsr.measure.metrics import Metric
from hitsr.measure.quality import inner, luma, psnr

METRIC = Metric(
    name="psnr",
    title="PSNR",
    unit="dB",
    digits=2,
    negligible=0.05,
    protocol="paper",
    infinite="identical",
    about="Peak signal-to-noise ratio on Y of BT.601 (limited range, not rounded) inside a border of `scale` pixels.",
)


def compute(restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """PSNR in dB; infinite for equal images."""
    return psnr(luma(inner(restored, scale)), luma(inner(reference, scale)))
