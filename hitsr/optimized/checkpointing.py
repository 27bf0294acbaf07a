"""Activation checkpointing: what a layer makes on its way is made again in the backward pass instead of kept."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from hitsr.errors import OptionError
from hitsr.networks.blocks.backbone import Layer


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


def checkpoint_activations(model: nn.Module) -> nn.Module:
    """Have the layers of `model` keep less in training, in place: about half the memory for a third more time.

    Returns:
        `model`.

    Raises:
        OptionError: it has no layers of `hitsr.networks.blocks.backbone`.
    """
    layers = [module for module in model.modules() if type(module) is Layer]
    if not layers and not any(isinstance(module, CheckpointedLayer) for module in model.modules()):
        raise OptionError(
            f"activation_checkpointing: {type(model).__name__} is not built of layers that can be made again; "
            "leave it off for this network"
        )
    for layer in layers:
        layer.__class__ = CheckpointedLayer
    return model
