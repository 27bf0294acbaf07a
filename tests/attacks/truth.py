"""What the numbers of a run must be, computed from the photographs by other means than the suite's."""

import math
from pathlib import Path

import numpy as np
from PIL import Image

from hitsr.data.degradation import downscale, upscale_bicubic

NEAR = 2e-3
"""dB: the suite's luma goes through float32."""


def pixels(path: Path) -> np.ndarray:
    """An image as uint8 `(H, W, 3)`."""
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


def low(image: np.ndarray, scale: int) -> np.ndarray:
    """The low-resolution image of a photograph."""
    height, width = (side - side % scale for side in image.shape[:2])
    return downscale(image[:height, :width], scale)


def psnr(result: np.ndarray, image: np.ndarray, scale: int) -> float:
    """PSNR (dB) of Y (BT.601), a border of `scale` pixels left out."""
    weights = np.array([65.481, 128.553, 24.966]) / 255
    shape = result.shape[:2]
    a, b = (
        (each[: shape[0], : shape[1]].astype(float) @ weights)[scale:-scale, scale:-scale] for each in (result, image)
    )
    return 10 * math.log10(255**2 / np.mean((a - b) ** 2))


def bicubic(image: np.ndarray, scale: int) -> float:
    """PSNR (dB) of bicubic upscaling of a photograph's low-resolution image."""
    return psnr(upscale_bicubic(low(image, scale), scale), image, scale)
