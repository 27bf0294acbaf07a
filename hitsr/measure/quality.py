"""PSNR and SSIM by named protocols.

`paper` is what the field's tables mean: the super-resolved image as uint8, the high-resolution one cropped to a
multiple of the scale, the Y channel of BT.601 in limited range, not rounded, `scale` border pixels removed,
SSIM with an 11x11 Gaussian window of sigma 1.5. `rounded_y` rounds Y to whole levels, `rgb` takes all channels;
they differ from `paper` by more than the gaps that papers claim, so they have names of their own.
"""

import math
from dataclasses import dataclass

import numpy as np
from skimage.metrics import structural_similarity

from hitsr.data.degradation import crop_to_multiple
from hitsr.errors import ConfigError, ImageError

PROTOCOLS = ("paper", "rounded_y", "rgb")
PSNR_LIMIT = 100.0
"""dB given to equal images, whose PSNR is infinite."""
WINDOW = 11
"""Side of the SSIM window in pixels."""


@dataclass(frozen=True)
class Score:
    """PSNR in dB (at most `PSNR_LIMIT`) and SSIM in [-1, 1]."""

    psnr: float
    ssim: float


def score(result: np.ndarray, reference: np.ndarray, scale: int, protocol: str = "paper") -> Score:
    """Score a super-resolved image against the high-resolution one.

    Args:
        result: uint8 `(s h, s w, 3)`.
        reference: uint8 `(H, W, 3)`, cropped here to a multiple of `scale`.

    Raises:
        ImageError: the sizes differ, or the image is too small to score.
        ConfigError: no such protocol.
    """
    if protocol not in PROTOCOLS:
        raise ConfigError(f"protocol: expected one of {', '.join(PROTOCOLS)}, found {protocol!r}")
    reference = crop_to_multiple(reference, scale)
    if result.shape != reference.shape:
        raise ImageError(
            f"a super-resolved image of {result.shape[1]}x{result.shape[0]} pixels cannot be scored against one of "
            f"{reference.shape[1]}x{reference.shape[0]}; was it made for another scale?"
        )
    if min(result.shape[:2]) < WINDOW + 2 * scale:
        raise ImageError(f"an image of {result.shape[1]}x{result.shape[0]} pixels is too small to score at x{scale}")
    a, b = (_channels(image[scale:-scale, scale:-scale], protocol) for image in (result, reference))
    return Score(psnr(a, b), ssim(a, b))


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of float images in [0, 255]."""
    error = float(np.mean((a - b) ** 2))
    return min(PSNR_LIMIT, 10 * math.log10(255**2 / error)) if error else PSNR_LIMIT


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Structural similarity of float images `(H, W, C)` in [0, 255], mean over valid windows and channels."""
    return float(
        structural_similarity(
            a, b, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
        )
    )


def luma(image: np.ndarray) -> np.ndarray:
    """Y of BT.601, limited range, of uint8 RGB `(H, W, 3)`: float64 `(H, W)` in [16, 235], not rounded.

    Goes through float32 as BasicSR does, so that its figures come out to the last digit.
    """
    weights = np.array([65.481, 128.553, 24.966])
    y = (image.astype(np.float32) / 255) @ weights + 16
    return ((y / 255).astype(np.float32) * np.float32(255)).astype(np.float64)


def _channels(image: np.ndarray, protocol: str) -> np.ndarray:
    if protocol == "rgb":
        return image.astype(np.float64)
    y = luma(image)[..., None]
    return np.round(y) if protocol == "rounded_y" else y
