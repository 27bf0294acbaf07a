"""Multiply-adds (MACs) of a network, by counters that each leave something out; papers print MACs as "FLOPs".

fvcore, the headline, counts matrix products, convolutions, norms (5 per element for LayerNorm, 2 for BatchNorm),
adaptive average pooling (1 per element) and bilinear interpolation (4 per element of its output), but no softmax,
activations or additions.
"""

import inspect
import logging
import math
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from fvcore.nn import FlopCountAnalysis
from fvcore.nn.jit_handles import (
    addmm_flop_jit,
    bmm_flop_jit,
    conv_flop_jit,
    einsum_flop_jit,
    linear_flop_jit,
    matmul_flop_jit,
)
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode, flop_registry

from hitsr.measure.count.left_out import MOVES, on_shapes, operations

PRODUCTS = {
    "aten::_convolution": conv_flop_jit,
    "aten::addmm": addmm_flop_jit,
    "aten::bmm": bmm_flop_jit,
    "aten::einsum": einsum_flop_jit,
    "aten::linear": linear_flop_jit,
    "aten::matmul": matmul_flop_jit,
}
"""Operations whose outputs fvcore calls activations, with its rules for their MACs."""


CORNER = (37, 44)
"""Height and width of the image that fvcore itself counts: no multiples of windows, so that what pads counts."""


@dataclass
class Count:
    """Multiply-adds by one counter, and the operations it left out, with how often each ran."""

    macs: int
    left_out: dict[str, int]


class Shapes(NamedTuple):
    """What fvcore counts: multiply-adds, and activations (output elements of convolutions and products)."""

    macs: int
    activations: int


def by_shapes(model: nn.Module, image: Tensor) -> Shapes:
    """What fvcore counts, without computing anything where the network runs without data.

    fvcore itself traces a real run, which needs gigabytes at the size of Table 2.
    """
    return on_shapes(_by_operations, model, image)


def _by_operations(model: nn.Module, image: Tensor) -> Shapes:
    norms = 0

    def noting(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        nonlocal norms
        norms += (5 if isinstance(module, nn.LayerNorm) else 2) * output.numel()

    normed = [module for module in model.modules() if isinstance(module, nn.LayerNorm | nn.BatchNorm2d)]
    hooks = [module.register_forward_hook(noting) for module in normed]
    try:
        with FlopCounterMode(display=False) as counter, _Outputs() as outputs, _Resampling() as resampling:
            model(image)
    finally:
        for hook in hooks:
            hook.remove()
    return Shapes(counter.get_total_flops() // 2 + norms + resampling.macs, outputs.elements)


class _Outputs(TorchDispatchMode):
    """Counts output elements of convolutions and matrix products."""

    KINDS = ("convolution", "addmm", "bmm", "mm", "baddbmm")

    def __init__(self) -> None:
        super().__init__()
        self.elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func._overloadpacket.__name__ in self.KINDS:
            self.elements += result.numel()
        return result


class _Resampling(TorchFunctionMode):
    """Counts pooling and interpolation by fvcore's rules.

    PyTorch's own counter leaves them out, and a pooled mean looks like any mean where operations are dispatched.
    """

    def __init__(self) -> None:
        super().__init__()
        self.macs = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func is F.adaptive_avg_pool2d:
            self.macs += args[0].numel()
        elif func is F.interpolate:
            mode = inspect.signature(func).bind(*args, **(kwargs or {})).arguments.get("mode", "nearest")
            self.macs += {"nearest": 1, "bilinear": 4}.get(mode, 0) * result.numel()
        return result


def by_fvcore(model: nn.Module, image: Tensor) -> tuple[Count, int]:
    """fvcore's MACs and its activations (as its ActivationCountAnalysis).

    fvcore counts a corner of the image. Where its rules applied to shapes give the same there, they count the whole;
    else fvcore traces a run on the whole.
    """
    corner = image[..., : CORNER[0], : CORNER[1]]
    if corner.shape == image.shape:
        return _traced(model, image)
    try:
        found, activations = _traced(model, corner)
    except Exception:  # a network may refuse small images; what it says of the whole is its own error
        return _traced(model, image)
    if by_shapes(model, corner) != (found.macs, activations):
        return _traced(model, image)
    whole = by_shapes(model, image)
    return Count(whole.macs, found.left_out), whole.activations


def _traced(model: nn.Module, image: Tensor) -> tuple[Count, int]:
    """fvcore's counts out of one traced run."""
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    analysis = FlopCountAnalysis(model, image).unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    activations = 0

    def noting(flops):
        def handle(inputs, outputs):
            nonlocal activations
            activations += math.prod(outputs[0].type().sizes())
            return flops(inputs, outputs)

        return handle

    for operation, flops in PRODUCTS.items():
        analysis.set_op_handle(operation, noting(flops))
    macs = int(analysis.total())
    left_out = {op: n for op, n in analysis.unsupported_ops().items() if op.split("::")[-1] not in MOVES}
    return Count(macs, dict(sorted(left_out.items()))), activations


def by_torch(model: nn.Module, image: Tensor) -> Count:
    """PyTorch's counter: matrix products and convolutions; two operations per MAC, halved here."""
    flops = on_shapes(_flops, model, image)
    left_out = on_shapes(operations, model, image) - Counter({str(op): 10**9 for op in flop_registry})
    return Count(flops // 2, dict(sorted(left_out.items())))


def _flops(model: nn.Module, image: Tensor) -> int:
    with FlopCounterMode(display=False) as counter:
        model(image)
    return counter.get_total_flops()
