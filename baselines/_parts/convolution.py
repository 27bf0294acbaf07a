"""Convolutions and the ways from features to an image that convolutional networks share."""

from torch import nn


def conv(inputs: int, outputs: int, size: int = 3, *, groups: int = 1, bias: bool = True) -> nn.Conv2d:
    """A convolution that keeps the size of the map: `(B, inputs, H, W)` to `(B, outputs, H, W)`."""
    return nn.Conv2d(inputs, outputs, size, padding=size // 2, groups=groups, bias=bias)


def direct_upsampler(dim: int, scale: int) -> nn.Sequential:
    """One convolution to `3 s^2` channels, then pixel shuffle: `(B, dim, H, W)` to `(B, 3, s H, s W)`."""
    return nn.Sequential(conv(dim, 3 * scale**2), nn.PixelShuffle(scale))


def feature_upsampler(dim: int, scale: int, activation: bool = False) -> nn.Sequential:
    """Pixel shuffle of features, x4 in two steps: `(B, dim, H, W)` to `(B, dim, s H, s W)`.

    Args:
        activation: ReLU after each convolution.
    """
    layers: list[nn.Module] = []
    for factor in (2, 2) if scale == 4 else (scale,):
        layers += [conv(dim, factor**2 * dim), *([nn.ReLU()] if activation else []), nn.PixelShuffle(factor)]
    return nn.Sequential(*layers)
