"""Low-resolution images: MATLAB's `imresize` (bicubic, antialiased) on uint8 images, bit for bit, by Pillow.

MATLAB resizes the height first and rounds to uint8 in between. Pillow's first pass is the width, so the image
is transposed; its border rule differs, so the image is padded symmetrically and the border is cut away.
Checked against the published low-resolution files of Set5 at x2, x3 and x4.
"""

import numpy as np
from PIL import Image

from hitsr.errors import ImageError

DOWN_MARGIN = 2
"""Low-resolution pixels around the image that take up Pillow's border rule."""
UP_MARGIN = 3


def crop_to_multiple(image: np.ndarray, scale: int) -> np.ndarray:
    """Cut a few pixels at the bottom and right so that height and width are multiples of `scale`.

    Raises:
        ImageError: the image is smaller than `scale` pixels in height or width.
    """
    height, width = (size // scale * scale for size in image.shape[:2])
    if height == 0 or width == 0:
        found = f"{image.shape[1]}x{image.shape[0]} pixels"
        raise ImageError(f"{found}; x{scale} needs at least {scale} pixels in width and in height")
    return image[:height, :width]


def downscale(image: np.ndarray, scale: int) -> np.ndarray:
    """The low-resolution image of `image`, cropped to a multiple of `scale` first.

    Args:
        image: uint8 `(H, W, 3)`.

    Returns:
        uint8 `(H // scale, W // scale, 3)`.
    """
    image = crop_to_multiple(image, scale)
    return _resize(image, DOWN_MARGIN * scale, DOWN_MARGIN, (image.shape[0] // scale, image.shape[1] // scale))


def upscale_bicubic(image: np.ndarray, scale: int) -> np.ndarray:
    """Bicubic interpolation of uint8 `(H, W, 3)` to uint8 `(H * scale, W * scale, 3)`."""
    return interpolate(image, scale, "bicubic")


def interpolate(image: np.ndarray, scale: int, kind: str) -> np.ndarray:
    """Interpolation of uint8 `(H, W, 3)` to uint8 `(H * scale, W * scale, 3)`.

    Args:
        kind: "nearest", "bilinear", "bicubic" or "lanczos" (Lanczos-3), as MATLAB's `imresize` does them.
    """
    size = image.shape[0] * scale, image.shape[1] * scale
    return _resize(image, UP_MARGIN, UP_MARGIN * scale, size, Image.Resampling[kind.upper()])


def _resize(
    image: np.ndarray,
    pad: int,
    cut: int,
    size: tuple[int, int],
    kernel: Image.Resampling = Image.Resampling.BICUBIC,
) -> np.ndarray:
    """Resize to `size` (height, width), with `pad` pixels around the input and `cut` around the output."""
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), mode="symmetric")
    turned = Image.fromarray(np.ascontiguousarray(padded.transpose(1, 0, 2)))
    height, width = size
    resized = turned.resize((height + 2 * cut, width + 2 * cut), kernel)
    return np.ascontiguousarray(np.asarray(resized).transpose(1, 0, 2)[cut : cut + height, cut : cut + width])
