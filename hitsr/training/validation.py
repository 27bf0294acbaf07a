"""Validation during a training: it looks at the weights and changes nothing of them.

The trainer is handed this from outside, so that what decides its weights does not import how images are
super-resolved and scored.
"""

from functools import cached_property
from pathlib import Path

import numpy as np
from torch import nn

from hitsr.data.prepared import open_prepared
from hitsr.measure.quality import psnr_y
from hitsr.restore.inference import upscale


class Validation:
    """Mean PSNR of a network on the images of a prepared data set.

    Args:
        folder: the prepared data set; its images are read when they are first needed.
    """

    def __init__(self, folder: Path, scale: int):
        self.folder, self.scale = folder, scale

    def __call__(self, model: nn.Module) -> float:
        """Mean PSNR (Y, dB) of the images that `model` super-resolves; its training mode is left as it was."""
        values = [psnr_y(upscale(model, low), high, self.scale) for low, high in self._pairs]
        return sum(values) / len(values)

    @cached_property
    def _pairs(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Low- and high-resolution images, uint8 `(H, W, 3)`."""
        data = open_prepared(self.folder, self.scale)
        return [(data.low(name), data.high(name)) for name in data.names]
