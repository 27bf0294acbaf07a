"""How much of its input a network uses: local attribution maps and effective receptive fields.

A local attribution map (LAM; Gu and Dong, CVPR 2021) says which input pixels a patch of the output owes its detail
to: integrated gradients of a gradient detector on the patch, along a path of ever less blurred inputs. Its diffusion
index is larger the more evenly the pixels contribute. The effective receptive field (Luo et al., NeurIPS 2016) is the
gradient of one output pixel with respect to the input.

Images are tensors `(3, H, W)` in [0, 1]; maps are float64 `(H, W)` on the pixels of the input.
"""

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor, nn

from hitsr.networks.identity import identity

BLUR_RADIUS = 4
"""Of the Gaussian kernel in pixels: 9x9, as in the code of the LAM authors."""
FLAT = 1e-12
"""Keeps the gradient of a square root finite where the image is flat."""


def local_attribution(
    model: nn.Module, image: Tensor, patch: tuple[int, int, int], *, sigma: float = 1.2, steps: int = 50
) -> tuple[np.ndarray, float]:
    """LAM of a patch of the output.

    The integral over the path is a sum over its `steps` pieces: the gradient in the middle of a piece times the
    change along it, exact where the detector of the output is quadratic in the input.

    Args:
        model: evaluated as it is, at `(1, 3, H, W)` times its `image_range`.
        patch: x, y (upper left corner) and side, in pixels of the output.
        sigma: blur at the start of the path, in pixels of the input; it falls linearly to 0.

    Returns:
        The signed attribution summed over colours, and the completeness error: how far its sum is from the change
        of the detector along the path, relative to that change.
    """
    path = torch.stack([blurred(image, sigma * (1 - step / steps)) for step in range(steps + 1)])
    total = torch.zeros_like(image)
    for before, after in zip(path[:-1], path[1:], strict=True):
        middle = ((before + after) / 2).requires_grad_()
        (gradient,) = torch.autograd.grad(detector(upscaled(model, middle), patch), middle)
        total += gradient * (after - before)
    with torch.no_grad():
        change = detector(upscaled(model, path[-1]), patch) - detector(upscaled(model, path[0]), patch)
    error = float((total.sum() - change).abs() / change.abs().clamp_min(FLAT))
    return total.sum(dim=0).double().cpu().numpy(), error


def contribution(model: nn.Module, image: Tensor, pixels: list[tuple[int, int]]) -> list[np.ndarray]:
    """Absolute gradients of output pixels, colours summed, with respect to the input.

    Args:
        pixels: x, y in pixels of the input; the output pixel is the one in the middle of it.

    Returns:
        One map per pixel, summed over the colours of the input.
    """
    image = image.clone().requires_grad_()
    output, scale = upscaled(model, image), identity(model).scale
    maps = []
    for number, (x, y) in enumerate(pixels):
        value = output[:, scale * y + scale // 2, scale * x + scale // 2].sum()
        (gradient,) = torch.autograd.grad(value, image, retain_graph=number + 1 < len(pixels))
        maps.append(gradient.abs().sum(dim=0).double().cpu().numpy())
    return maps


def upscaled(model: nn.Module, image: Tensor) -> Tensor:
    """`(3, H, W)` in [0, 1] to `(3, s H, s W)`, not clamped."""
    white = identity(model).image_range
    return model(image[None] * white)[0] / white


def detector(image: Tensor, patch: tuple[int, int, int]) -> Tensor:
    """How much detail a patch has: magnitude of the gradient (forward differences), summed over patch and colours."""
    x, y, side = patch
    down = image[:, 1:, :-1] - image[:, :-1, :-1]
    right = image[:, :-1, 1:] - image[:, :-1, :-1]
    return (down.square() + right.square() + FLAT).sqrt()[:, y : y + side, x : x + side].sum()


def blurred(image: Tensor, sigma: float) -> Tensor:
    """An image `(3, H, W)` after a Gaussian of `sigma` pixels; 0 leaves it as it is."""
    if sigma == 0:
        return image
    values = image.double().cpu().numpy()
    smooth = gaussian_filter(values, sigma, axes=(1, 2), radius=BLUR_RADIUS, mode="mirror")
    return torch.from_numpy(smooth).to(image)


def gini(values: np.ndarray) -> float:
    """Gini coefficient of numbers >= 0: 0 if all are equal, 1 - 1 / n if one of n holds everything."""
    ordered = np.sort(values, axis=None)
    n, total = ordered.size, ordered.sum()
    if total == 0:
        return 0.0
    return float(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / (n * total))


def diffusion_index(attribution: np.ndarray) -> float:
    """(1 - Gini coefficient of the absolute attribution) times 100: larger if more pixels matter (Gu and Dong)."""
    return (1 - gini(np.abs(attribution))) * 100


def centred(values: np.ndarray, pixel: tuple[int, int], reach: int) -> np.ndarray:
    """A map with `pixel` (x, y) moved to the middle of `(2 reach + 1, 2 reach + 1)`; zero where it has no values."""
    x, y = pixel
    padded = np.pad(values, reach)
    return padded[y : y + 2 * reach + 1, x : x + 2 * reach + 1]


def side_holding(values: np.ndarray, fraction: float) -> int:
    """Side of the smallest square around the middle of a map `(2 r + 1, 2 r + 1)` that holds `fraction` of its sum."""
    reach = values.shape[0] // 2
    steps = np.abs(np.arange(-reach, reach + 1))
    ring = np.maximum(steps[:, None], steps[None, :])
    held = np.bincount(ring.ravel(), weights=values.ravel()).cumsum()
    return 2 * int(np.argmax(held >= fraction * held[-1] * (1 - 1e-12))) + 1
