"""What the metrics of quality share: which pixels count, the luma Y, and PSNR.

What the field's tables mean (protocol `paper`): the super-resolved image as uint8, the high-resolution one cropped to a
multiple of the scale, the Y channel of BT.601 in limited range, not rounded, `scale` border pixels removed.
"""

import hashlib
import math

import numpy as np

from hitsr.data.degradation import crop_to_multiple
from hitsr.errors import ImageError

SMALLEST = 11
"""Pixels a side, without the border, that an image needs: the window of SSIM."""


def comparable(restored: np.ndarray, reference: np.ndarray, scale: int) -> np.ndarray:
    """The high-resolution image as the super-resolved one is compared with it: cropped to a multiple of the scale.

    Args:
        restored: uint8 `(s h, s w, 3)`.
        reference: uint8 `(H, W, 3)`.

    Raises:
        ImageError: the sizes differ, or the image is too small to score.
    """
    reference = crop_to_multiple(reference, scale)
    if restored.shape != reference.shape:
        raise ImageError(
            f"a super-resolved image of {restored.shape[1]}x{restored.shape[0]} pixels cannot be scored against one of "
            f"{reference.shape[1]}x{reference.shape[0]}; was it made for another scale?"
        )
    if min(restored.shape[:2]) < SMALLEST + 2 * scale:
        needed, found = SMALLEST + 2 * scale, f"{restored.shape[1]}x{restored.shape[0]} pixels"
        raise ImageError(f"{found}; scoring at x{scale} needs at least {needed} in width and in height")
    return reference


def fingerprint(image: np.ndarray) -> str:
    """16 hexadecimal digits of the pixels of uint8 RGB `(H, W, 3)`: equal for equal pixels, whatever file held them."""
    return hashlib.sha256(repr(tuple(image.shape)).encode() + image.tobytes()).hexdigest()[:16]


def inner(image: np.ndarray, scale: int) -> np.ndarray:
    """An image without `scale` pixels of its border."""
    return image[scale:-scale, scale:-scale]


def luma(image: np.ndarray) -> np.ndarray:
    """Y of BT.601, limited range, of uint8 RGB `(H, W, 3)`: float64 `(H, W)` in [16, 235], not rounded.

    Goes through float32 as BasicSR does, so that its figures come out to the last digit.
    """
    weights = np.array([65.481, 128.553, 24.966])
    y = (image.astype(np.float32) / 255) @ weights + 16
    return ((y / 255).astype(np.float32) * np.float32(255)).astype(np.float64)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of float images in [0, 255]; infinite if they are equal."""
    error = float(np.mean((a - b) ** 2))
    return 10 * math.log10(255**2 / error) if error else math.inf


def psnr_y(restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """PSNR (dB) by the protocol `paper` of uint8 images `(H, W, 3)`.

    Raises:
        ImageError: as `comparable`.
    """
    reference = comparable(restored, reference, scale)
    return psnr(luma(inner(restored, scale)), luma(inner(reference, scale)))
