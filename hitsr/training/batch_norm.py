"""Batch normalisation over a batch that several processes share, equal to one process up to rounding.

`torch.nn.SyncBatchNorm` does the same on CUDA only; this one also works between processes on CPUs, where it is tested.
"""

import torch
from torch import Tensor, distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm

PLAIN = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def synchronise(model: nn.Module) -> None:
    """Let every batch norm of `model` normalise over all processes; parameters, buffers and their names stay."""
    for part in model.modules():
        if type(part) in PLAIN:
            # as torch's lazy layers become what they stand for: every reference to the layer stays valid
            part.__class__ = SharedBatchNorm


class SharedBatchNorm(_BatchNorm):
    """Batch norm of `(B, C, ...)` whose mean and variance are those of the equal shares of all processes."""

    def _check_input_dim(self, input: Tensor) -> None:
        """Any number of dimensions, as the layer that this one was made from has already been used."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        dims = [0, *range(2, x.ndim)]
        shape = (1, -1) + (1,) * (x.ndim - 2)
        mean = _mean_of_all(x.mean(dims))
        centred = x - mean.view(shape)
        variance = _mean_of_all((centred * centred).mean(dims))
        if self.track_running_stats:
            self._follow(mean.detach(), variance.detach(), distributed.get_world_size() * x.numel() // x.shape[1])
        y = centred * torch.rsqrt(variance + self.eps).view(shape)
        return y * self.weight.view(shape) + self.bias.view(shape) if self.affine else y

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor, count: int) -> None:
        """Move the running statistics, of which the variance is the unbiased one of `count` values."""
        batches, running_mean, running_var = self.num_batches_tracked, self.running_mean, self.running_var
        assert batches is not None and running_mean is not None and running_var is not None
        batches += 1
        momentum = 1 / float(batches) if self.momentum is None else self.momentum
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(variance * (count / (count - 1)), momentum)


class _MeanOfAll(torch.autograd.Function):
    """Mean over processes, whose gradient is the mean over processes of the gradients."""

    @staticmethod
    def forward(_, value: Tensor) -> Tensor:
        return _reduced(value)

    @staticmethod
    def backward(_, gradient: Tensor) -> Tensor:
        return _reduced(gradient)


def _mean_of_all(value: Tensor) -> Tensor:
    return _MeanOfAll.apply(value)


def _reduced(value: Tensor) -> Tensor:
    total = value.detach().clone(memory_format=torch.contiguous_format)
    distributed.all_reduce(total)
    return total / distributed.get_world_size()
