"""Super-resolve one image: whole and exactly, within a memory budget, or in tiles."""

import re

import numpy as np
import torch
from torch import Tensor, nn

from hitsr.errors import CheckpointError, InputError, OptionError
from hitsr.networks.identity import identity
from hitsr.optimized.allocator import keep_pages
from hitsr.optimized.streaming.network import takes_budget
from hitsr.precision import Precision, computing_in
from hitsr.restore import ensemble

TILE_OVERLAP = 32
"""Pixels of the low-resolution image that a tile reads beyond its border and that are cut off again."""
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "KB": 10**3, "MB": 10**6, "GB": 10**9}


@torch.no_grad()
def upscale(
    model: nn.Module,
    image: np.ndarray,
    *,
    precision: Precision = "float32",
    max_memory: int | str | None = None,
    tile: int | None = None,
    self_ensemble: bool = False,
) -> np.ndarray:
    """Super-resolve an RGB image with a network of this suite.

    Args:
        model: made by `hitsr.build` or `hitsr.load`; its training mode is left as it was.
        image: uint8 `(H, W, 3)`, any H, W >= 1.
        precision: "float32", "tf32" (CUDA) or "bfloat16" (autocast).
        max_memory: bytes, or a size such as "2GiB", that the pass may take beyond weights and image. The result does
            not depend on it.
        tile: side of tiles in pixels of `image`, super-resolved one by one with an overlap of 32 pixels. An
            approximation: windows lie differently in a tile, and nothing beyond its overlap is seen.
        self_ensemble: mean over the eight flips and turns of the image, at eight times the cost.

    Returns:
        uint8 `(s H, s W, 3)`, clamped and rounded.

    Raises:
        InputError: the image is of another type or shape.
        CheckpointError: what the network gives is not finite.
        OptionError: an option that does not fit, or less memory than the image takes.
    """
    if not (isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3):
        found = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(f"expected a uint8 RGB image (H, W, 3), found {found}")
    keep_pages()
    white, weight = identity(model).image_range, next(model.parameters())
    x = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
    x = x.to(weight.device, weight.dtype) * (white / 255)
    options = {} if max_memory is None else {"max_memory": size_in_bytes(max_memory)}
    if options and not takes_budget(model):
        raise OptionError(
            f"max_memory: {identity(model).name} does not work in parts in this implementation; "
            "build the optimized one, or super-resolve in tiles"
        )

    def network(x: Tensor) -> Tensor:
        return model(x, **options) if tile is None else in_tiles(model, x, tile, **options)

    training = model.training
    try:
        with computing_in(precision, weight.device):
            model.eval()
            y = ensemble.self_ensemble(network, x) if self_ensemble else network(x)
    finally:
        model.train(training)
    expected = (1, 3, *(identity(model).scale * side for side in image.shape[:2]))
    if tuple(y.shape) != expected:
        raise CheckpointError(
            f"{identity(model).name} gives {tuple(y.shape)} for an image of {image.shape[1]}x{image.shape[0]} pixels, "
            f"expected {expected}; correct what {type(model).__name__}.forward returns"
        )
    if not torch.isfinite(y).all():
        raise CheckpointError(
            f"{type(model).__name__}: the super-resolved image has values that are not finite; its weights are "
            "too large or damaged, use others"
            + (f", or precision float32 instead of {precision}" if precision != "float32" else "")
        )
    y = (y.float() * (255 / white)).round().clamp(0, 255)
    return y[0].permute(1, 2, 0).to(torch.uint8).cpu().numpy()


def in_tiles(model: nn.Module, x: Tensor, tile: int, **options: int) -> Tensor:
    """The usual approximation for large images: `(1, 3, H, W)` to `(1, 3, s H, s W)`, tile by tile.

    Args:
        tile: side of the tiles in pixels of `x`, without their overlap.
        options: passed on to the network with each tile.

    Raises:
        OptionError: tiles smaller than their overlap.
    """
    if not isinstance(tile, int) or tile < TILE_OVERLAP:
        raise OptionError(f"tile: expected a side of at least {TILE_OVERLAP} pixels, their overlap; found {tile!r}")
    height, width, s = *x.shape[2:], identity(model).scale
    y = x.new_empty(1, 3, s * height, s * width)
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            bottom, right = min(top + tile, height), min(left + tile, width)
            first_row, first_column = max(0, top - TILE_OVERLAP), max(0, left - TILE_OVERLAP)
            part = x[:, :, first_row : bottom + TILE_OVERLAP, first_column : right + TILE_OVERLAP]
            found = model(part, **options)[:, :, s * (top - first_row) :, s * (left - first_column) :]
            y[:, :, s * top : s * bottom, s * left : s * right] = found[
                :, :, : s * (bottom - top), : s * (right - left)
            ]
    return y


def size_in_bytes(size: int | str) -> int:
    """Bytes of a size such as `2GiB`, `500 MB` or a plain number.

    Raises:
        OptionError: not such a size.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", str(size))
    units = {name.lower(): factor for name, factor in UNITS.items()}
    if not match or (match[2] or "B").lower() not in units:
        raise OptionError(f"max_memory: expected bytes or a size such as 2GiB or 500MB, found {size!r}")
    return int(float(match[1]) * units[(match[2] or "B").lower()])
