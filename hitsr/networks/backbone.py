"""The skeleton that every window-based transformer of the suite shares (SwinIR, Section 3.1).

    shallow conv -> N residual groups of L layers (+ conv) -> norm -> conv -> + skip -> pixel shuffle

A *layer* is a mixer and a feed-forward with a norm placement; a network is a choice of the three. Mixers and
feed-forwards take and return maps `(B, H, W, C)`; a mixer pads, shifts and cuts windows by itself.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from hitsr.networks.blocks.checks import check_at_least, check_depths, check_fraction, check_image, check_scale
from hitsr.networks.blocks.convolution import TrunkConv2d
from hitsr.networks.blocks.drop_path import DropPath
from hitsr.networks.blocks.norm import LayerNorm
from hitsr.networks.blocks.padding import pad_to_multiple
from hitsr.networks.blocks.upsample import PixelShuffleUpsampler

RGB_MEAN = (0.4488, 0.4371, 0.4040)
"""Mean of DIV2K in [0, 1], subtracted before and added after the network."""

MixerMaker = Callable[[int], nn.Module]
"""Takes the number of a layer within its group, gives its mixer."""


class Layer(nn.Module):
    """A mixer, then a feed-forward, each a residual with its norm before ("pre", Swin) or after ("post", HiT)."""

    def __init__(
        self, dim: int, mixer: nn.Module, feedforward: nn.Module, norm: Literal["pre", "post"], drop_path: float
    ):
        super().__init__()
        self.mixer_norm = LayerNorm(dim)
        self.mixer = mixer
        self.feedforward_norm = LayerNorm(dim)
        self.feedforward = feedforward
        self.drop_path = DropPath(drop_path)
        self.post_norm = norm == "post"

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.drop_path(self.mixer_branch(x))  # (B, H, W, C)
        return x + self.drop_path(self.feedforward_branch(x))  # (B, H, W, C)

    def mixer_branch(self, x: Tensor) -> Tensor:
        """What the mixer adds: `(B, H, W, C)`."""
        return self.mixer_norm(self.mixer(x)) if self.post_norm else self.mixer(self.mixer_norm(x))

    def feedforward_branch(self, x: Tensor) -> Tensor:
        """What the feed-forward adds: `(B, H, W, C)`."""
        if self.post_norm:
            return self.feedforward_norm(self.feedforward(x))
        return self.feedforward(self.feedforward_norm(x))


class ResidualGroup(nn.Module):
    """Layers in sequence, a 3x3 convolution, and the group's input added."""

    def __init__(self, dim: int, layers: Sequence[Layer]):
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.conv = TrunkConv2d(dim, dim, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.layers(x)) + x  # (B, H, W, C)


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
    ):
        super().__init__()
        check_scale(scale)
        check_at_least("dim", dim, 1)
        check_depths(depths)
        check_fraction("drop_path", drop_path)
        self.scale, self.pad = scale, pad
        rates = iter(torch.linspace(0, drop_path, sum(depths), device="cpu").tolist())
        self.shallow = TrunkConv2d(3, dim, 3)
        self.embed_norm = LayerNorm(dim)
        self.groups = nn.Sequential(
            *(
                ResidualGroup(dim, [Layer(dim, mixer(i), feedforward(), norm, next(rates)) for i in range(depth)])
                for depth in depths
            )
        )
        self.norm = LayerNorm(dim)
        self.conv = TrunkConv2d(dim, dim, 3)
        self.upsample = PixelShuffleUpsampler(dim, scale)
        initialise(self)

    def forward(self, image: Tensor) -> Tensor:
        """Super-resolve a batch `(B, 3, H, W)` in [0, 1].

        Raises:
            InputError: not such a batch.
        """
        x = self.padded(image)  # (B, H', W', 3)
        shallow = self.shallow(x)  # (B, H', W', C)
        deep = self.norm(self.groups(self.embed_norm(shallow)))  # (B, H', W', C)
        y = self.upsample(self.conv(deep) + shallow)  # (B, 3, s H', s W')
        return self.cropped(y, image)

    def padded(self, image: Tensor) -> Tensor:
        """The image channels-last, padded, less the mean colour: `(B, 3, H, W)` to `(B, H', W', 3)`."""
        check_image(image, self.shallow.weight)
        return pad_to_multiple(image.permute(0, 2, 3, 1), self.pad) - rgb_mean(image)

    def cropped(self, y: Tensor, image: Tensor) -> Tensor:
        """The output for `image` itself, with the mean colour: `(B, 3, s H', s W')` to `(B, 3, s H, s W)`."""
        height, width = image.shape[-2:]
        return y[..., : self.scale * height, : self.scale * width] + rgb_mean(image)[:, None, None]


def rgb_mean(image: Tensor) -> Tensor:
    """`RGB_MEAN` of the type and on the device of `image`: `(3,)`."""
    # filled where it is: a copy would make a GPU wait
    return torch.cat([image.new_full((1,), value) for value in RGB_MEAN])


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
