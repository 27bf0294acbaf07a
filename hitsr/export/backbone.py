"""The skeleton of the transformers in the form that an exported graph has it: layers on tokens.

Maps of four dimensions are what convolutions take. Between them OpenVINO would keep what is added up in an order of
its own choice, and reorder it for every product; tokens `(1, H W, C)` leave it none.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from hitsr.export.layers import GraphCorrelation
from hitsr.networks.backbone import Layer, ResidualGroup
from hitsr.networks.blocks.feedforward import MLP, ConvFeedForward

Sides = tuple[int, int]
"""Height and width of a map."""


class CentredLayerNorm(nn.LayerNorm):
    """A layer norm of what `centre` has given channels of mean 0: its variance is the mean of its squares."""

    def forward(self, x: Tensor) -> Tensor:
        return x / (x.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight + self.bias


class GraphLayer(Layer):
    """A layer that also takes tokens."""

    def on_tokens(self, tokens: Tensor, sides: Sides) -> Tensor:
        """What `forward` does to a map: tokens `(1, H W, C)` to the same."""
        if self.post_norm:
            tokens = tokens + self.mixer_norm(on_map(self.mixer, tokens, sides))
            return tokens + self.feedforward_norm(self._fed_forward(tokens, sides))
        tokens = tokens + on_map(self.mixer, self.mixer_norm(tokens), sides)
        return tokens + self._fed_forward(self.feedforward_norm(tokens), sides)

    def _fed_forward(self, tokens: Tensor, sides: Sides) -> Tensor:
        if isinstance(self.feedforward, MLP):
            return self.feedforward(tokens)
        return on_map(self.feedforward, tokens, sides)

    @torch.no_grad()
    def centre(self) -> None:
        """Let norms that stand after a linear layer use that its mean can be taken from its weights, once."""
        if not self.post_norm:
            return
        if isinstance(self.mixer, GraphCorrelation):
            _centre(self.mixer.project, self.mixer_norm)
        if isinstance(self.feedforward, MLP | ConvFeedForward):
            _centre(self.feedforward.reduce, self.feedforward_norm)


class GraphGroup(ResidualGroup):
    """A group whose layers pass tokens on."""

    def forward(self, x: Tensor) -> Tensor:
        sides = (x.shape[1], x.shape[2])
        start = tokens = x.flatten(1, 2)  # (1, H W, C)
        for layer in self.layers:
            tokens = layer.on_tokens(tokens, sides) if isinstance(layer, GraphLayer) else on_map(layer, tokens, sides)
        return (on_map(self.conv, tokens, sides) + start).unflatten(1, sides)


def on_map(operation: Callable[[Tensor], Tensor], tokens: Tensor, sides: Sides) -> Tensor:
    """Apply what takes a map `(1, H, W, C)` to tokens `(1, H W, C)`."""
    return operation(tokens.unflatten(1, sides)).flatten(1, 2)


def _centre(last: nn.Linear, norm: nn.LayerNorm) -> None:
    """Take the mean over the output channels from the weights of the last linear layer before a norm."""
    last.weight.sub_(last.weight.mean(dim=0))
    last.bias.sub_(last.bias.mean())
    norm.__class__ = CentredLayerNorm
