"""The skeleton of the transformers in the form that an exported graph has it: layers on tokens.

Maps of four dimensions are what convolutions take. Between them OpenVINO would keep what is added up in an order of
its own choice, and reorder it for every product; tokens `(1, H W, C)` leave it none.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.export.alike import of_its_kind
from hitsr.export.layers.correlation import GraphCorrelation
from hitsr.export.parts import in_parts
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
        return of_its_kind(self, lambda tokens: self._on_tokens(tokens, sides), tokens)

    def _on_tokens(self, tokens: Tensor, sides: Sides) -> Tensor:
        mixed = on_map(self.mixer, tokens if self.post_norm else self.mixer_norm(tokens), sides)
        if isinstance(self.feedforward, MLP):
            hidden = self.feedforward.expand.out_features
            return in_parts(self._with_mlp, tokens.shape[1], hidden, tokens.squeeze(0), mixed.squeeze(0)).unsqueeze(0)
        if isinstance(self.feedforward, ConvFeedForward):
            return self._with_convolution(self.feedforward, tokens, mixed, sides)
        tokens, fed = self._between(tokens, mixed)
        return self._added(tokens, on_map(self.feedforward, fed, sides))

    def _between(self, tokens: Tensor, mixed: Tensor) -> tuple[Tensor, Tensor]:
        """The tokens after the mixer, and what the feed-forward takes of them."""
        if self.post_norm:
            tokens = tokens + self.mixer_norm(mixed)
            return tokens, tokens
        tokens = tokens + mixed
        return tokens, self.feedforward_norm(tokens)

    def _added(self, tokens: Tensor, fed: Tensor) -> Tensor:
        """The tokens after the feed-forward."""
        return tokens + (self.feedforward_norm(fed) if self.post_norm else fed)

    def _with_mlp(self, tokens: Tensor, mixed: Tensor) -> Tensor:
        tokens, fed = self._between(tokens, mixed)
        return self._added(tokens, self.feedforward(fed))

    def _with_convolution(self, given: ConvFeedForward, tokens: Tensor, mixed: Tensor, sides: Sides) -> Tensor:
        """The convolution takes the whole map; what is before it and after it goes token by token."""

        def before(tokens: Tensor, mixed: Tensor) -> tuple[Tensor, ...]:
            tokens, fed = self._between(tokens, mixed)
            return tokens, F.gelu(given.expand(fed))

        def after(tokens: Tensor, hidden: Tensor, convolved: Tensor) -> Tensor:
            return self._added(tokens, given.reduce(hidden + F.gelu(convolved)))

        count, width = tokens.shape[1], given.expand.out_features
        first, hidden = in_parts(before, count, width, tokens.squeeze(0), mixed.squeeze(0))
        convolved = on_map(given.depthwise, hidden.unsqueeze(0), sides)
        return in_parts(after, count, width, first, hidden, convolved.squeeze(0)).unsqueeze(0)

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
