"""A backbone in evaluation, band by band: two maps in memory, and a few rows of everything else.

Each layer runs over the whole map before the next begins, and adds to the map in place (see `bands`).
"""

from typing import TypeGuard, cast

from torch import Tensor, nn

from hitsr.networks.backbone import Backbone, Layer, ResidualGroup
from hitsr.networks.blocks.feedforward import MLP, ConvFeedForward
from hitsr.optimized.feedforward import OptimizedConvFeedForward, OptimizedMLP
from hitsr.optimized.streaming.bands import TokenWise, add_in_bands, bands, unchanged
from hitsr.optimized.streaming.mixers import add_mixed, can_stream

HALO = {MLP: 0, OptimizedMLP: 0, ConvFeedForward: 2, OptimizedConvFeedForward: 2}
"""Rows above and below that a row of a feed-forward depends on."""


def layers_of(network: Backbone) -> list[Layer]:
    """The layers of all groups of a backbone."""
    return [layer for group in groups_of(network) for layer in _layers(group)]


def groups_of(network: Backbone) -> list[ResidualGroup]:
    """The residual groups of a backbone."""
    return [cast(ResidualGroup, group) for group in network.groups]


def _layers(group: ResidualGroup) -> list[Layer]:
    return [cast(Layer, layer) for layer in group.layers]


def streams(network: nn.Module) -> TypeGuard[Backbone]:
    """Whether a network is a backbone of layers that work in bands."""
    if not isinstance(network, Backbone) or type(network).forward is not Backbone.forward:
        return False
    return all(
        type(layer).forward is Layer.forward and type(layer.feedforward) in HALO and can_stream(layer.mixer)
        for layer in layers_of(network)
    )


def stream(network: Backbone, image: Tensor, tokens: int) -> Tensor:
    """What `network` makes of a padded image without its mean colour, `(1, H, W, 3)`, about `tokens` pixels at a time.

    Returns:
        `(1, 3, s H, s W)`, without the mean colour.
    """
    # in one block: glibc, once it has seen one of this size freed, keeps twice as much for the maps of the next pass
    x, work = image.new_empty(2, *image.shape[:3], network.shallow.out_channels)
    for band in bands(image, 1, tokens):
        x[:, band.top : band.bottom] = network.embed_norm(band.inner(network.shallow(band.rows)))
    for group in groups_of(network):
        _update_by_group(group, x, work, tokens)
    for deep, shallow in zip(bands(x, 1, tokens), bands(image, 1, tokens), strict=True):
        # the shallow features again: cheaper than a map kept all the way
        y = network.conv(network.norm(deep.rows)) + network.shallow(shallow.rows)
        work[:, deep.top : deep.bottom] = deep.inner(y)
    s = network.scale
    y = image.new_empty(1, 3, s * image.shape[1], s * image.shape[2])
    for band in bands(work, 1, tokens):
        rows = network.upsample(band.rows)
        y[:, :, s * band.top : s * band.bottom] = rows[:, :, s * band.above : s * (band.above + band.height)]
    return y


def _update_by_group(group: ResidualGroup, x: Tensor, work: Tensor, tokens: int) -> None:
    """`x = group(x)` in place; `work` is a map like `x` that is overwritten."""
    work.copy_(x)
    for layer in _layers(group):
        _update_by_layer(layer, work, tokens)
    for band in bands(work, 1, tokens):
        x[:, band.top : band.bottom] += band.inner(group.conv(band.rows))


def _update_by_layer(layer: Layer, x: Tensor, tokens: int) -> None:
    """`x = layer(x)` in place."""
    before, after = _around(layer, layer.mixer_norm)
    add_mixed(layer.mixer, x, before, after, tokens)
    add_in_bands(x, layer.feedforward_branch, HALO[type(layer.feedforward)], tokens)


def _around(layer: Layer, norm: nn.Module) -> tuple[TokenWise, TokenWise]:
    """What comes before and after the branch that `norm` belongs to."""
    return (unchanged, norm) if layer.post_norm else (norm, unchanged)
