"""Random patches for training: everything random derives from the seed and the number of the iteration."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from hitsr.data.packed import PackedImages, open_packed
from hitsr.errors import TrainingError, leave_out

ORDER, CROPS = 0, 1
"""Independent streams of random numbers of one seed."""


class PatchSampler:
    """Pairs of low- and high-resolution patches of a prepared data set, cut out of its packed images.

    Images come in a new random order in every epoch, positions uniformly; flips (horizontal, vertical) and the
    transpose are drawn independently with probability 0.5 each, as the paper's training code does.

    Args:
        share: number and count of the processes that divide each batch; this one cuts out its part only.
        device: where the images are kept whole; None for the disk's memory map.

    Raises:
        TrainingError: an image is smaller than the patch.
    """

    def __init__(
        self,
        folder: Path,
        scale: int,
        patch_size: int,
        batch_size: int,
        seed: int,
        share: tuple[int, int] = (0, 1),
        device: torch.device | None = None,
    ):
        self.scale, self.patch_size, self.batch_size, self.seed = scale, patch_size, batch_size, seed
        self.low, self.high = open_packed(folder, scale, f"x{scale}"), open_packed(folder, scale, "HR")
        for name, height, width in zip(self.low.names, self.low.heights, self.low.widths, strict=True):
            if min(height, width) < patch_size:
                raise TrainingError(
                    f"{folder}, {name} x{scale}: {width}x{height} pixels, smaller than "
                    f"train.patch_size={patch_size}; lower it, or {leave_out(name, folder.name)}"
                )
        if device is not None:
            self.low, self.high = self.low.to(device), self.high.to(device)
        number, count = share
        self.own = slice(batch_size * number // count, batch_size * (number + 1) // count)

    @property
    def images(self) -> int:
        """Number of training images."""
        return len(self.low.names)

    def batch(self, iteration: int) -> tuple[Tensor, Tensor]:
        """This process' part of the batch of one iteration: uint8 `(B, P, P, 3)` and `(B, s P, s P, 3)`."""
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(CROPS, iteration))))
        images = self._images(iteration)
        free = np.stack([self.low.heights, self.low.widths])[:, images] - self.patch_size + 1
        corners = (random.random((2, self.batch_size)) * free).astype(np.int64)
        turns = random.random((3, self.batch_size)) < 0.5
        images, corners, turns = images[self.own], corners[:, self.own], turns[:, self.own]
        return self._cut(self.low, images, corners, turns, 1), self._cut(self.high, images, corners, turns, self.scale)

    def _images(self, iteration: int) -> np.ndarray:
        """Numbers of the images of the whole batch: batches run through one random order after the other."""
        places = np.arange(iteration * self.batch_size, (iteration + 1) * self.batch_size)
        return np.array([self._order(place // self.images)[place % self.images] for place in places.tolist()])

    @lru_cache(maxsize=2)  # noqa: B019 (a sampler lives as long as its process)
    def _order(self, epoch: int) -> np.ndarray:
        seeds = np.random.SeedSequence(self.seed, spawn_key=(ORDER, epoch))
        return np.random.Generator(np.random.PCG64(seeds)).permutation(self.images)

    def _cut(
        self, packed: PackedImages, images: np.ndarray, corners: np.ndarray, turns: np.ndarray, factor: int
    ) -> Tensor:
        """Gather all patches at once: flips run backwards through rows or columns, the transpose swaps them."""
        side = self.patch_size * factor
        flip_columns, flip_rows, transpose = (torch.from_numpy(turn)[:, None] for turn in turns)
        top, left, width, start = (
            torch.from_numpy(values)[:, None]
            for values in (corners[0] * factor, corners[1] * factor, packed.widths[images], packed.starts[images])
        )
        forward = torch.arange(side)
        backward = side - 1 - forward
        rows = start + width * (top + torch.where(flip_rows, backward, forward))
        columns = left + torch.where(flip_columns, backward, forward)
        down, across = torch.where(transpose, columns, rows), torch.where(transpose, rows, columns)
        device = packed.pixels.device
        places = down.to(device)[:, :, None] + across.to(device)[:, None, :]
        return packed.pixels.index_select(0, places.flatten()).view(len(images), side, side, 3)


class Ahead:
    """Makes the next batch in another thread while a step computes.

    The batches are those of the sampler, whatever order they are asked for in.
    """

    def __init__(self, sampler: PatchSampler, pin: bool):
        self.sampler, self.pin = sampler, pin
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="patches")
        self.waiting: dict[int, Future] = {}

    def batch(self, iteration: int) -> tuple[Tensor, Tensor]:
        """As `PatchSampler.batch`, in pinned memory if asked for."""
        future = self.waiting.pop(iteration, None) or self.thread.submit(self._make, iteration)
        self.waiting = {iteration + 1: self.thread.submit(self._make, iteration + 1)}
        return future.result()

    def close(self) -> None:
        """End the thread."""
        self.thread.shutdown(cancel_futures=True)

    def _make(self, iteration: int) -> tuple[Tensor, Tensor]:
        low, high = self.sampler.batch(iteration)
        return (low.pin_memory(), high.pin_memory()) if self.pin else (low, high)
