"""Activation checkpointing: what a layer makes on its way is made again in the backward pass instead of kept."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from hitsr.networks.backbone import Layer


class CheckpointedLayer(Layer):
    """A layer that keeps only the inputs of its two branches in training; outputs and gradients are the same."""

    def mixer_branch(self, x: Tensor) -> Tensor:
        return self._without_keeping(super().mixer_branch, x)

    def feedforward_branch(self, x: Tensor) -> Tensor:
        return self._without_keeping(super().feedforward_branch, x)

    def _without_keeping(self, branch: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        if not (self.training and torch.is_grad_enabled()):
            return branch(x)
        return checkpoint(branch, x, use_reentrant=False)


def checkpoint_activations(model: nn.Module) -> bool:
    """Have the layers of a backbone keep less in training, in place: less memory for more time.

    Returns:
        Whether it has such layers; other networks are left as they are.
    """
    layers = [module for module in model.modules() if isinstance(module, Layer)]
    for layer in layers:
        if type(layer) is Layer:
            layer.__class__ = CheckpointedLayer
    return bool(layers)
