"""The forward pass of a backbone that streams in evaluation, within a memory budget if one is given."""

import inspect
import math

import torch
from torch import Tensor, nn

from hitsr.errors import OptionError
from hitsr.networks.backbone import Backbone
from hitsr.optimized.streaming.executor import layers_of, stream
from hitsr.optimized.streaming.mixers import room

BAND, GPU_BAND = 3 * 2**12, 2**18
"""Pixels of the bands that evaluation works through, if memory does not ask for fewer. Those of a CPU stay in its
cache; many small ones would leave a GPU waiting for launches, and 640x360 pixels are one."""

WORK_MAPS = 14
"""Maps of all channels that the work on one band takes at once at most."""
SLACK = 48 * 2**20
"""Bytes for what the libraries set up for themselves and for freed memory that stays with the allocator."""


_made: dict[type[Backbone], type["Streaming"]] = {}


class Streaming(Backbone):
    """A backbone that works in bands when no gradients are asked for; otherwise as it is."""

    def forward(self, image: Tensor, max_memory: int | None = None) -> Tensor:
        """Super-resolve a batch `(B, 3, H, W)` in [0, 1].

        Args:
            max_memory: bytes that the pass may take beyond weights and image; the result does not depend on it.

        Raises:
            InputError: not such a batch.
            OptionError: `max_memory` is less than the least that the image takes, or gradients are asked for.
        """
        if self.training or torch.is_grad_enabled():
            if max_memory is not None:
                raise OptionError("max_memory: only in evaluation and under torch.no_grad()")
            return super().forward(image)
        x = self.padded(image)
        pixels = GPU_BAND if image.is_cuda else BAND
        if max_memory is not None:
            pixels = min(pixels, band_within(self, max_memory, *x.shape[:3]))
        return self.cropped(torch.cat([stream(self, one, pixels) for one in x.split(1)]), image)


def takes_budget(model: nn.Module) -> bool:
    """Whether the forward pass of a network has the option `max_memory`."""
    return "max_memory" in inspect.signature(model.forward).parameters


def streaming(network: type[Backbone]) -> type[Streaming]:
    """The class of networks `network` that stream, the same each time."""
    if network not in _made:
        about = {"__module__": network.__module__, "__doc__": network.__doc__}
        _made[network] = type(network.__name__, (Streaming, network), about)
    return _made[network]


def in_one_piece(model: nn.Module) -> nn.Module:
    """Have a network evaluate whole maps instead of bands, in place: compilers want layers that are called as such.

    Returns:
        `model`, whose layers stay optimized.
    """
    kind = type(model)
    if issubclass(kind, Streaming):
        model.__class__ = kind.__bases__[1]
    return model


def band_within(network: Backbone, max_memory: int, images: int, height: int, width: int) -> int:
    """Pixels of a band with which the pass stays within `max_memory` bytes.

    Raises:
        OptionError: whole maps and one band of the largest windows take more, with that number.
    """
    element = network.shallow.weight.element_size()
    pixel = network.shallow.out_channels * element
    # the output: each of a batch, joined, and with the mean added
    whole = SLACK + height * width * (2 * pixel + 3 * network.scale**2 * element * (images + 2))
    rooms = [room(layer.mixer, height, width) for layer in layers_of(network)]
    held, least = (max(room[i] for room in rooms) for i in (0, 1))
    whole += pixel * held
    if max_memory < whole + WORK_MAPS * pixel * least:
        needed = math.ceil((whole + WORK_MAPS * pixel * least) / 2**20)
        raise OptionError(
            f"max_memory: {max_memory / 2**20:,.0f} MiB are too little for an image of {width}x{height} pixels; "
            f"give at least {needed:,} MiB, or super-resolve in tiles"
        )
    return (max_memory - whole) // (WORK_MAPS * pixel)
