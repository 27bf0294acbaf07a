"""DISTS, by pyiqa."""

import numpy as np

from hitsr.measure.metrics import Metric
from hitsr.measure.perceptual import by_pyiqa

METRIC = Metric(
    name="dists",
    title="DISTS",
    digits=4,
    protocol="pyiqa",
    higher_is_better=False,
    requires=("pyiqa",),
    install="hitsr[perceptual]",
    about="Deep image structure and texture similarity (VGG-16) of RGB without `scale` pixels of the border, by pyiqa.",
    cites=("ding2022dists",),
)


def compute(restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """DISTS; 0 for equal images."""
    return by_pyiqa("dists", restored, reference, scale)
