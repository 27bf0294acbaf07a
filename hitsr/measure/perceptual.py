"""Learned metrics by pyiqa, an optional package (`pip install 'hitsr[perceptual]'`)."""

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from hitsr.errors import ResultError
from hitsr.measure.quality import inner


def by_pyiqa(name: str, restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    """A metric of pyiqa, on the CPU, of uint8 images `(H, W, 3)` without `scale` pixels of the border.

    Raises:
        ResultError: its weights, which pyiqa downloads at first, are not to be had.
    """
    images = [_tensor(inner(image, scale)) for image in (restored, reference)]
    with torch.no_grad():
        return float(_metric(name)(*images))


@cache
def _metric(name: str) -> nn.Module:
    import pyiqa

    try:
        return pyiqa.create_metric(name, device="cpu")
    except (OSError, RuntimeError) as error:
        raise ResultError(f"metric {name!r}: pyiqa cannot load its weights: {' '.join(str(error).split())}") from error


def _tensor(image: np.ndarray) -> Tensor:
    """`(1, 3, H, W)` in [0, 1]."""
    return torch.from_numpy(image.astype(np.float32) / 255).permute(2, 0, 1)[None]
