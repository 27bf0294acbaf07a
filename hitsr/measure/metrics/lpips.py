"""LPIPS, by pyiqa."""

import numpy as np

from hitsr.measure.metrics import Metric
from hitsr.measure.perceptual import by_pyiqa

METRIC = Metric(
    name="lpips",
    title="LPIPS",
    digits=4,
    protocol="pyiqa",
    higher_is_better=False,
    requires=("pyiqa",),
    install="hitsr[perceptual]",
    about="Learned perceptual image patch similarity (AlexNet) of RGB without `scale` pixels of the border, by pyiqa.",
    cites=("zhang2018lpips",),
)


def compute(restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """LPIPS; 0 for equal images."""
    return by_pyiqa("lpips", restored, reference, scale)
