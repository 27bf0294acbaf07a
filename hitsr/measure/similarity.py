"""Structural similarity of float images in [0, 255], at one scale and at five."""

import numpy as np
from scipy.ndimage import correlate1d
from skimage.metrics import structural_similarity

from hitsr.errors import ImageError

WINDOW = 11
"""Side of the window in pixels."""
SIGMA = 1.5
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the scales, finest first (Wang et al. 2003)."""
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Structural similarity, `(H, W)` or `(H, W, C)`: mean over windows inside the image, and over channels."""
    channel = 2 if a.ndim == 3 else None
    options = {"gaussian_weights": True, "sigma": SIGMA, "use_sample_covariance": False, "data_range": 255}
    return float(structural_similarity(a, b, channel_axis=channel, **options))


def ms_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Multi-scale structural similarity of `(H, W)`: contrast and structure at five scales, luminance at the coarsest.

    As its authors' program does it. A negative mean of contrast and structure, which has no power, counts as 0.

    Raises:
        ImageError: the image is too small for the window at the coarsest scale.
    """
    smallest = WINDOW * 2 ** (len(WEIGHTS) - 1)
    if min(a.shape) < smallest:
        raise ImageError(
            f"{a.shape[1]}x{a.shape[0]} pixels inside the border are too few for MS-SSIM, which needs {smallest} a side"
        )
    product = 1.0
    for number, weight in enumerate(WEIGHTS):
        luminance, structure = _terms(a, b)
        last = number == len(WEIGHTS) - 1
        product *= max(float(np.mean(luminance * structure if last else structure)), 0.0) ** weight
        a, b = _halved(a), _halved(b)
    return product


def _terms(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Luminance, and contrast with structure, of every window inside the image."""
    mean_a, mean_b = _mean(a), _mean(b)
    var_a, var_b, cov = _mean(a * a) - mean_a**2, _mean(b * b) - mean_b**2, _mean(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return luminance, (2 * cov + C2) / (var_a + var_b + C2)


def _mean(values: np.ndarray) -> np.ndarray:
    half = WINDOW // 2
    window = np.exp(-(np.arange(-half, half + 1) ** 2) / (2 * SIGMA**2))
    window /= window.sum()
    return correlate1d(correlate1d(values, window, axis=0), window, axis=1)[half:-half, half:-half]


def _halved(values: np.ndarray) -> np.ndarray:
    """Means of 2x2 pixels; a last odd row or column counts twice."""
    whole = np.pad(values, [(0, side % 2) for side in values.shape], mode="edge")
    return (whole[::2, ::2] + whole[1::2, ::2] + whole[::2, 1::2] + whole[1::2, 1::2]) / 4
