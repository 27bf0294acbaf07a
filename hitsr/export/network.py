"""A network whose passes a runtime computes: PyTorch does where memory would not suffice for whole maps."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from hitsr.errors import OptionError, ResultError
from hitsr.export.kept import LARGEST_WINDOW, Kept
from hitsr.export.runtimes import Run
from hitsr.measure.memory import MIB, RESERVE, available
from hitsr.measure.outputs import told
from hitsr.networks.blocks.padding import round_up
from hitsr.networks.identity import annotate, identity
from hitsr.optimized.streaming.network import takes_budget

MARGIN = 1.5
"""Of the memory that is expected: what a runtime holds since images of other sizes is in pieces."""
SHORT = ("alloc", "memory")
"""What runtimes speak of when there is too little memory."""


class InRuntime(nn.Module):
    """A network in a runtime, for images of any size, on a CPU.

    Args:
        network: in PyTorch, in evaluation on a CPU.
        kept: the same, exported.
        threads: of the runtime.
        say: is told once that PyTorch computes large images.
    """

    def __init__(self, network: nn.Module, kept: Kept, threads: int, say: Callable[[str], None]):
        super().__init__()
        self.network, self.kept, self.threads, self.say = network, kept, threads, say
        self._run: Run | None = None
        self._held = 0.0
        self._said = False
        annotate(self, identity(network))

    def forward(self, image: Tensor, max_memory: int | None = None) -> Tensor:
        """Super-resolve an image `(1, 3, H, W)` in the range of the network.

        Args:
            max_memory: bytes that the pass may take. Where the runtime may take more, or more than the machine has
                left, PyTorch computes the image.

        Raises:
            OptionError: an image for which `max_memory` is too little in PyTorch too.
            ResultError: the runtime fails.
            MemoryError: memory did not suffice.
        """
        height, width = image.shape[2:]
        # what the runtime has kept of earlier passes it uses again
        room = (available() - RESERVE) * MIB + self._held if max_memory is None else max_memory
        expected = self.kept.pixel * round_up(height, LARGEST_WINDOW) * round_up(width, LARGEST_WINDOW)
        if MARGIN * expected > room:
            return self._in_pytorch(image, max_memory, MARGIN * expected)
        if self._run is None:
            self._run = self.kept.load(self.threads)
        try:
            found = self._run(image.numpy())
        except Exception as error:
            self._unload()
            if any(word in str(error).lower() for word in SHORT):
                raise MemoryError(f"{self.kept.runtime}: {error}") from error
            raise ResultError(
                f"{self.kept.runtime} failed: {told(error)}; without --backend PyTorch computes the image"
            ) from error
        self._held = max(self._held, expected)
        scale = identity(self).scale
        if found.shape != (1, 3, scale * height, scale * width):
            # OpenVINO gives an empty image where memory did not suffice
            self._unload()
            raise MemoryError(f"{self.kept.runtime} gives {found.shape}")
        # the memory of the output may be the runtime's own, which the next pass overwrites
        return torch.from_numpy(found.copy())

    def _in_pytorch(self, image: Tensor, max_memory: int | None, needed: float) -> Tensor:
        height, width = image.shape[2:]
        takes = f"{width}x{height} pixels may take {needed / MIB:,.0f} MiB in {self.kept.runtime}"
        if max_memory is not None and not takes_budget(self.network):
            raise OptionError(
                f"max_memory: {takes}, and {identity(self).name} does not work in parts; super-resolve in tiles"
            )
        if not self._said:
            self.say(f"{takes}: PyTorch computes images of this size")
        self._said = True
        # what the runtime holds is memory that PyTorch may take
        self._unload()
        return self.network(image) if max_memory is None else self.network(image, max_memory=max_memory)

    def _unload(self) -> None:
        """Give the memory of the runtime back; it is loaded again for the next image."""
        self._run, self._held = None, 0.0
