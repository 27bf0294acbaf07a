"""The skeleton that every window-based transformer of the suite shares (SwinIR, Section 3.1).

    shallow conv -> N residual groups of L layers (+ conv) -> norm -> conv -> + skip -> pixel shuffle

A *layer* is a mixer and a feed-forward with a norm placement; a network is a choice of the three. Mixers and
feed-forwards take and return maps `(B, H, W, C)`; a mixer pads, shifts and cuts windows by itself.
"""

import math
from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from hitsr.errors import OptionError
from hitsr.networks.blocks.allocator import keep_pages
from hitsr.networks.blocks.bands import TokenWise, add_in_bands, bands, unchanged
from hitsr.networks.blocks.checks import check_at_least, check_depths, check_fraction, check_image, check_scale
from hitsr.networks.blocks.convolution import TrunkConv2d
from hitsr.networks.blocks.drop_path import DropPath
from hitsr.networks.blocks.formulation import Formulated, Formulation, set_formulation
from hitsr.networks.blocks.padding import pad_to_multiple
from hitsr.networks.blocks.upsample import PixelShuffleUpsampler

RGB_MEAN = (0.4488, 0.4371, 0.4040)
"""Mean of DIV2K in [0, 1], subtracted before and added after the network."""

BAND, GPU_BAND = 2**13, 2**18
"""Pixels of the bands that evaluation works through, if memory does not ask for fewer. Those of a CPU stay in its
cache; many small ones would leave a GPU waiting for launches, and 640x360 pixels are one."""

WORK_MAPS = 14
"""Maps of all channels that the work on one band takes at once at most."""
SLACK = 48 * 2**20
"""Bytes for what the libraries set up for themselves and for freed memory that stays with the allocator."""

MixerMaker = Callable[[int], nn.Module]
"""Takes the number of a layer within its group, gives its mixer."""


class Layer(Formulated):
    """A mixer, then a feed-forward, each a residual with its norm before ("pre", Swin) or after ("post", HiT)."""

    def __init__(
        self, dim: int, mixer: nn.Module, feedforward: nn.Module, norm: Literal["pre", "post"], drop_path: float
    ):
        super().__init__()
        self.mixer_norm = nn.LayerNorm(dim)
        self.mixer = mixer
        self.feedforward_norm = nn.LayerNorm(dim)
        self.feedforward = feedforward
        self.drop_path = DropPath(drop_path)
        self.post_norm = norm == "post"

    def plain(self, x: Tensor) -> Tensor:
        if self.post_norm:
            x = x + self.drop_path(self.mixer_norm(self.mixer(x)))
            return x + self.drop_path(self.feedforward_norm(self.feedforward(x)))
        x = x + self.drop_path(self.mixer(self.mixer_norm(x)))
        return x + self.drop_path(self.feedforward(self.feedforward_norm(x)))

    def fast(self, x: Tensor) -> Tensor:
        """The same; in training, what a branch makes on its way is made again instead of kept."""
        x = x + self.drop_path(self._without_keeping(self._mixer_branch, x))
        return x + self.drop_path(self._without_keeping(self._feedforward_branch, x))

    def add_to(self, x: Tensor, tokens: int) -> None:
        """`x = self(x)` in place and in evaluation, about `tokens` pixels at a time."""
        self.mixer.add_to(x, *self._around(self.mixer_norm), tokens)
        add_in_bands(x, self._feedforward_branch, self.feedforward.halo, tokens)

    def _mixer_branch(self, x: Tensor) -> Tensor:
        before, after = self._around(self.mixer_norm)
        return after(self.mixer(before(x)))

    def _feedforward_branch(self, x: Tensor) -> Tensor:
        before, after = self._around(self.feedforward_norm)
        return after(self.feedforward(before(x)))

    def _around(self, norm: nn.Module) -> tuple[TokenWise, TokenWise]:
        """What comes before and after the branch that `norm` belongs to."""
        return (unchanged, norm) if self.post_norm else (norm, unchanged)

    def _without_keeping(self, branch: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        if not (self.training and torch.is_grad_enabled()):
            return branch(x)
        return checkpoint(branch, x, use_reentrant=False, preserve_rng_state=False)


class ResidualGroup(nn.Module):
    """Layers in sequence, a 3x3 convolution, and the group's input added."""

    def __init__(self, dim: int, layers: Sequence[Layer]):
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.conv = TrunkConv2d(dim, dim, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.layers(x)) + x

    def add_to(self, x: Tensor, work: Tensor, tokens: int) -> None:
        """`x = self(x)` in place and in evaluation; `work` is a map like `x` that is overwritten."""
        work.copy_(x)
        for layer in self.layers:
            layer.add_to(work, tokens)
        for band in bands(work, 1, tokens):
            x[:, band.top : band.bottom] += band.inner(self.conv(band.rows))


class Backbone(nn.Module):
    """RGB image `(B, 3, H, W)` in [0, 1] to its super-resolved image `(B, 3, s H, s W)`, not clamped.

    Args:
        scale: 2, 3 or 4.
        dim: channels of the features.
        depths: layers of each residual group.
        mixer: called with the number of a layer within its group.
        feedforward: called once per layer.
        norm: norm placement of the layers.
        pad: the image is padded by periodic reflection to a multiple of this.
        drop_path: rate at the last layer, growing linearly from 0 at the first.
    """

    image_range = 1.0

    def __init__(
        self,
        scale: int,
        *,
        dim: int,
        depths: Sequence[int],
        mixer: MixerMaker,
        feedforward: Callable[[], nn.Module],
        norm: Literal["pre", "post"],
        pad: int = 1,
        drop_path: float = 0.0,
        formulation: Formulation = "fast",
    ):
        super().__init__()
        check_scale(scale)
        check_at_least("dim", dim, 1)
        check_depths(depths)
        check_fraction("drop_path", drop_path)
        self.scale, self.pad, self.formulation = scale, pad, formulation
        rates = iter(torch.linspace(0, drop_path, sum(depths)).tolist())
        self.shallow = TrunkConv2d(3, dim, 3)
        self.embed_norm = nn.LayerNorm(dim)
        self.groups = nn.Sequential(
            *(
                ResidualGroup(dim, [Layer(dim, mixer(i), feedforward(), norm, next(rates)) for i in range(depth)])
                for depth in depths
            )
        )
        self.norm = nn.LayerNorm(dim)
        self.conv = TrunkConv2d(dim, dim, 3)
        self.upsample = PixelShuffleUpsampler(dim, scale)
        initialise(self)
        set_formulation(self, formulation)

    def forward(self, image: Tensor, max_memory: int | None = None) -> Tensor:
        """Super-resolve a batch.

        Args:
            image: `(B, 3, H, W)` in [0, 1].
            max_memory: bytes that the pass may take beyond weights and image, in evaluation without gradients in the
                fast formulation; the result does not depend on it.

        Raises:
            InputError: not such a batch.
            OptionError: `max_memory` is less than the least that the image takes, or does not apply here.
        """
        check_image(image, self.shallow.weight)
        height, width = image.shape[-2:]
        # filled where it is: a copy would make a GPU wait
        mean = torch.cat([image.new_full((1,), value) for value in RGB_MEAN])
        x = pad_to_multiple(image.permute(0, 2, 3, 1), self.pad) - mean
        if self.formulation == "fast" and image.device.type == "cpu":
            keep_pages()
        if self.formulation == "fast" and not self.training and not torch.is_grad_enabled():
            most = GPU_BAND if image.is_cuda else BAND
            pixels = most if max_memory is None else min(most, self.band_within(max_memory, *x.shape[:3]))
            y = torch.cat([self.in_bands(one, pixels) for one in x.split(1)])
        elif max_memory is not None:
            raise OptionError("max_memory: only for evaluation, under torch.no_grad(), in the fast formulation")
        else:
            y = self.whole(x)
        return y[..., : self.scale * height, : self.scale * width] + mean[:, None, None]

    def band_within(self, max_memory: int, images: int, height: int, width: int) -> int:
        """Pixels of a band with which the pass stays within `max_memory` bytes.

        Raises:
            OptionError: whole maps and one band of the largest windows take more, with that number.
        """
        element = self.shallow.weight.element_size()
        pixel = self.shallow.out_channels * element
        # the output: each of a batch, joined, and with the mean added
        whole = SLACK + height * width * (2 * pixel + 3 * self.scale**2 * element * (images + 2))
        rooms = [layer.mixer.band_room(height, width) for group in self.groups for layer in group.layers]
        held, least = (max(room[i] for room in rooms) for i in (0, 1))
        whole += pixel * held
        if max_memory < whole + WORK_MAPS * pixel * least:
            needed = math.ceil((whole + WORK_MAPS * pixel * least) / 2**20)
            raise OptionError(
                f"max_memory: {max_memory / 2**20:,.0f} MiB are too little for an image of {width}x{height} pixels; "
                f"give at least {needed:,} MiB, or super-resolve in tiles"
            )
        return (max_memory - whole) // (WORK_MAPS * pixel)

    def whole(self, x: Tensor) -> Tensor:
        """The published data flow: `(B, H, W, 3)` less the mean to an image `(B, 3, s H, s W)` less the mean."""
        shallow = self.shallow(x)
        deep = self.norm(self.groups(self.embed_norm(shallow)))
        return self.upsample(self.conv(deep) + shallow)

    def in_bands(self, image: Tensor, tokens: int) -> Tensor:
        """The same in evaluation, for one image, with two maps in memory and about `tokens` pixels of all else."""
        x = image.new_empty(*image.shape[:3], self.shallow.out_channels)
        for band in bands(image, 1, tokens):
            x[:, band.top : band.bottom] = self.embed_norm(band.inner(self.shallow(band.rows)))
        work = torch.empty_like(x)
        for group in self.groups:
            group.add_to(x, work, tokens)
        for deep, shallow in zip(bands(x, 1, tokens), bands(image, 1, tokens), strict=True):
            # the shallow features again: cheaper than a map kept all the way
            y = self.conv(self.norm(deep.rows)) + self.shallow(shallow.rows)
            work[:, deep.top : deep.bottom] = deep.inner(y)
        s = self.scale
        y = image.new_empty(1, 3, s * image.shape[1], s * image.shape[2])
        for band in bands(work, 1, tokens):
            rows = self.upsample(band.rows)
            y[:, :, s * band.top : s * band.bottom] = rows[:, :, s * band.above : s * (band.above + band.height)]
        return y


def initialise(network: nn.Module) -> None:
    """Start where the official code starts: linear weights and bias tables from N(0, 0.02), linear biases zero.

    Convolutions (1x1 and depthwise ones too) and norms keep PyTorch's defaults.
    """
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.trunc_normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)
    for name, parameter in network.named_parameters():
        if name.endswith("bias_table"):
            nn.init.trunc_normal_(parameter, std=0.02)
