"""Count parameters and multiply-adds of a network, by four counters that each leave something out.

One multiply-add (MAC) counts as one; papers print it as "FLOPs". The headline is fvcore on the `plain`
formulation, which reproduces Table 2 of HiT-SR; it counts matrix products, convolutions, and norms (5 per
element for LayerNorm, 2 for BatchNorm), but no softmax, activations or additions.
"""

import copy
import io
import logging
import math
from collections import Counter
from dataclasses import dataclass

import torch
import torch._dynamo  # ptflops patches functions that its first import needs as they were
from fvcore.nn import FlopCountAnalysis
from fvcore.nn.jit_handles import (
    addmm_flop_jit,
    bmm_flop_jit,
    conv_flop_jit,
    einsum_flop_jit,
    linear_flop_jit,
    matmul_flop_jit,
)
from ptflops import get_model_complexity_info
from ptflops.aten_ops import ATEN_OPS_MAPPING
from ptflops.pytorch_ops import conv_flops_counter_hook
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode, flop_registry

from hitsr.networks.blocks.convolution import Conv1x1, Conv2d, TrunkConv2d
from hitsr.networks.registry import build

MOVES = {
    "view", "_unsafe_view", "permute", "transpose", "t", "expand", "slice", "select", "unsqueeze", "squeeze", "split",
    "clone", "copy_", "_to_copy", "cat", "stack", "index", "index_select", "roll", "arange", "detach", "alias",
    "pixel_shuffle", "unbind", "empty", "zeros", "zeros_like", "ones", "as_strided", "lift_fresh", "unfold", "new_ones",
    "new_empty", "_reshape_alias", "native_batch_norm_legit", "ones_like", "unsafe_split", "full", "scalar_tensor",
    "repeat", "set_", "meshgrid", "unflatten",
}  # fmt: skip
"""Operations that move or make data and compute nothing."""


PRODUCTS = {
    "aten::_convolution": conv_flop_jit,
    "aten::addmm": addmm_flop_jit,
    "aten::bmm": bmm_flop_jit,
    "aten::einsum": einsum_flop_jit,
    "aten::linear": linear_flop_jit,
    "aten::matmul": matmul_flop_jit,
}
"""Operations whose outputs fvcore calls activations, with its rules for their MACs."""


@dataclass
class Count:
    """Multiply-adds by one counter, and the operations it left out, with how often each ran."""

    macs: int
    left_out: dict[str, int]


def count(network: str, scale: int, options: dict, output: tuple[int, int], ptflops: bool = True) -> dict:
    """Count network `network` at the low-resolution input of an `output` (width, height) image.

    Returns:
        `rows`, one per quantity: parameters (all, and frozen among them), MACs by each counter, and fvcore's
        activations (output elements of convolutions and matrix products); and `left_out` by counter.
    """
    model = build(network, scale, **{**options, "formulation": "plain"}).eval()
    parameters = sum(p.numel() for p in model.parameters())
    frozen = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    width, height = (math.ceil(side / scale) for side in output)
    image = torch.zeros(1, 3, height, width)
    counts, activations = {}, 0
    with torch.no_grad():
        counts["fvcore"], activations = by_fvcore(model, image)
        if ptflops:
            counts["ptflops_pytorch"] = by_ptflops_hooks(model, image)
            counts["ptflops_aten"] = by_ptflops_aten(model, image)
        counts["torch"] = by_torch(model, image)
    where = {"input": f"{width}x{height}", "variant": "plain"}
    rows = [
        {"quantity": "parameters", "unit": "", "value": parameters},
        {"quantity": "parameters_frozen", "unit": "", "value": frozen},
        {**where, "quantity": "activations_fvcore", "unit": "elements", "value": activations},
        *({**where, "quantity": f"macs_{name}", "unit": "MACs", "value": c.macs} for name, c in counts.items()),
    ]
    return {"rows": rows, "left_out": {name: c.left_out for name, c in counts.items()}}


def published_size(network: str, scale: int, output: tuple[int, int]) -> list[dict]:
    """Rows of parameters and multiply-adds of a network with its published options, beside a reduced one.

    Counted from shapes alone by fvcore's rules (`by_shapes`), so that a small machine counts full-size networks.
    """
    model = build(network, scale, formulation="plain").eval()
    width, height = (math.ceil(side / scale) for side in output)
    with torch.no_grad():
        macs = by_shapes(model, torch.zeros(1, 3, height, width))
    parameters = sum(p.numel() for p in model.parameters())
    where = {"input": f"{width}x{height}", "variant": "plain"}
    return [
        {"quantity": "parameters_published_size", "unit": "", "value": parameters},
        {**where, "quantity": "macs_published_size", "unit": "MACs", "value": macs},
    ]


def by_shapes(model: nn.Module, image: Tensor) -> int:
    """The MACs that fvcore counts, without computing anything: products, convolutions and norms.

    fvcore itself traces a real run, which needs gigabytes at the size of Table 2.
    """
    norms = 0

    def noting(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        nonlocal norms
        norms += (5 if isinstance(module, nn.LayerNorm) else 2) * output.numel()

    model = copy.deepcopy(model).to("meta")
    for module in model.modules():
        if isinstance(module, nn.LayerNorm | nn.BatchNorm2d):
            module.register_forward_hook(noting)
    with FlopCounterMode(display=False) as counter:
        model(image.to("meta"))
    return counter.get_total_flops() // 2 + norms


def by_fvcore(model: nn.Module, image: Tensor) -> tuple[Count, int]:
    """fvcore's MACs and its activations (as its ActivationCountAnalysis) out of one traced run."""
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
    with FlopCounterMode(display=False) as counter:
        copy.deepcopy(model).to("meta")(image.to("meta"))
    left_out = _operations(model, image) - Counter({str(op): 10**9 for op in flop_registry})
    return Count(counter.get_total_flops() // 2, dict(sorted(left_out.items())))


def by_ptflops_aten(model: nn.Module, image: Tensor) -> Count:
    """ptflops, counting dispatched operations: matrix products and convolutions with their bias additions."""
    macs = _ptflops(model, image, "aten", {})
    left_out = _operations(model, image) - Counter({str(op): 10**9 for op in ATEN_OPS_MAPPING})
    return Count(macs, dict(sorted(left_out.items())))


def by_ptflops_hooks(model: nn.Module, image: Tensor) -> Count:
    """ptflops, counting modules and patched functions: does not see the `@` operator."""

    def channels_last(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        conv_flops_counter_hook(module, inputs, output.permute(0, 3, 1, 2))

    macs = _ptflops(model, image, "pytorch", dict.fromkeys((Conv1x1, Conv2d, TrunkConv2d), channels_last))
    return Count(macs, _unpatched_functions(model, image))


def _ptflops(model: nn.Module, image: Tensor, backend: str, hooks: dict) -> int:
    macs, _ = get_model_complexity_info(
        model,
        tuple(image.shape[1:]),
        as_strings=False,
        print_per_layer_stat=False,
        backend=backend,
        input_constructor=lambda _: image,
        custom_modules_hooks=hooks,
        ost=io.StringIO(),
    )
    if macs is None:
        raise RuntimeError(f"ptflops ({backend}) could not count this network; its message is above")
    return int(macs)


class _Recorder(TorchDispatchMode):
    """Counts the operations that reach the dispatcher."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.seen[str(func._overloadpacket)] += 1
        return func(*args, **(kwargs or {}))


def _operations(model: nn.Module, image: Tensor) -> Counter[str]:
    """Operations that compute something in one run, on tensors without data."""
    with _Recorder() as recorder:
        copy.deepcopy(model).to("meta")(image.to("meta"))
    return Counter({op: n for op, n in recorder.seen.items() if op.split(".")[-1] not in MOVES})


class _Functions(TorchFunctionMode):
    """Counts the functions and operators that Python code calls on tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[object] = Counter()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.seen[func] += 1
        return func(*args, **(kwargs or {}))


OPERATORS = ("matmul", "add", "sub", "rsub", "mul", "div", "mean", "softmax")


def _unpatched_functions(model: nn.Module, image: Tensor) -> dict[str, int]:
    """Arithmetic by operators and methods, which neither module hooks nor patched functions of ptflops see."""
    with _Functions() as recorder:
        copy.deepcopy(model).to("meta")(image.to("meta"))
    names: Counter[str] = Counter()
    for func, times in recorder.seen.items():
        name = (resolve_name(func) or str(func)).removeprefix("torch.")
        if name.startswith("Tensor.") and name.removeprefix("Tensor.").strip("_") in OPERATORS:
            names[name] += times
    return dict(sorted(names.items()))
