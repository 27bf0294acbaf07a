"""Super-resolve one image."""

import numpy as np
import torch
from torch import nn

from hitsr.errors import InputError


@torch.no_grad()
def upscale(model: nn.Module, image: np.ndarray) -> np.ndarray:
    """Super-resolve an RGB image with a network of this suite.

    Args:
        model: made by `hitsr.build` or `hitsr.load`; its training mode is left as it was.
        image: uint8 `(H, W, 3)`, any H, W >= 1.

    Returns:
        uint8 `(s H, s W, 3)`, clamped and rounded.

    Raises:
        InputError: the image is of another type or shape.
    """
    if not (isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3):
        found = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(f"expected a uint8 RGB image (H, W, 3), found {found}")
    weight = next(model.parameters())
    x = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
    x = x.to(weight.device, weight.dtype) * (model.image_range / 255)
    training = model.training
    try:
        y = model.eval()(x)
    finally:
        model.train(training)
    y = (y.float() * (255 / model.image_range)).round().clamp(0, 255)
    return y[0].permute(1, 2, 0).to(torch.uint8).cpu().numpy()
