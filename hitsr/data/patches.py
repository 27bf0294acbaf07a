"""Random patches for training: everything random derives from the seed and the number of the iteration."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from hitsr.data.images import read_rgb
from hitsr.data.layout import hr_path, image_names, lr_path
from hitsr.errors import TrainingError


class PatchSampler:
    """Pairs of low- and high-resolution patches of a prepared data set, held in memory as uint8.

    An image is drawn uniformly, then a position in it; flips (horizontal, vertical) and the transpose are drawn
    independently with probability 0.5 each, as the paper's training code does.

    Raises:
        TrainingError: an image is smaller than the patch.
    """

    def __init__(self, folder: Path, scale: int, patch_size: int, batch_size: int, seed: int):
        self.scale, self.patch_size, self.batch_size, self.seed = scale, patch_size, batch_size, seed
        self.pairs = []
        for name in image_names(folder, scale):
            low, high = read_rgb(lr_path(folder, scale, name)), read_rgb(hr_path(folder, name))
            if min(low.shape[:2]) < patch_size:
                raise TrainingError(
                    f"{lr_path(folder, scale, name)}: {low.shape[1]}x{low.shape[0]} pixels, smaller than "
                    f"train.patch_size={patch_size}; lower it, or leave the image out with `exclude: [{name}]`"
                )
            self.pairs.append((low, high))

    def batch(self, iteration: int) -> tuple[Tensor, Tensor]:
        """The batch of one iteration: `(B, 3, P, P)` and `(B, 3, s P, s P)`, float32 in [0, 1]."""
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, iteration])))
        drawn = [self._pair(random) for _ in range(self.batch_size)]
        low, high = (np.stack(images) for images in zip(*drawn, strict=True))
        return _tensor(low), _tensor(high)

    def _pair(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        low, high = self.pairs[random.integers(len(self.pairs))]
        size, scale = self.patch_size, self.scale
        top, left = (int(random.integers(side - size + 1)) for side in low.shape[:2])
        low = low[top : top + size, left : left + size]
        high = high[top * scale : (top + size) * scale, left * scale : (left + size) * scale]
        flip_columns, flip_rows, transpose = random.random(3) < 0.5
        return tuple(_augmented(image, flip_columns, flip_rows, transpose) for image in (low, high))


def _augmented(image: np.ndarray, flip_columns: bool, flip_rows: bool, transpose: bool) -> np.ndarray:
    image = image[:, ::-1] if flip_columns else image
    image = image[::-1] if flip_rows else image
    return image.swapaxes(0, 1) if transpose else image


def _tensor(images: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float() / 255
