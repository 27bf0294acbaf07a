"""Which operations a network runs, so that each counter of multiply-adds can name those it leaves out."""

import copy
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils._python_dispatch import TorchDispatchMode

Found = TypeVar("Found")
MOVES = {
    "view", "_unsafe_view", "permute", "transpose", "t", "expand", "slice", "select", "unsqueeze", "squeeze", "split",
    "clone", "copy_", "_to_copy", "cat", "stack", "index", "index_select", "roll", "arange", "detach", "alias",
    "pixel_shuffle", "unbind", "empty", "zeros", "zeros_like", "ones", "as_strided", "lift_fresh", "unfold", "new_ones",
    "new_empty", "_reshape_alias", "native_batch_norm_legit", "ones_like", "unsafe_split", "full", "scalar_tensor",
    "repeat", "set_", "meshgrid", "unflatten",
}  # fmt: skip
"""Operations that move or make data and compute nothing."""


class _Recorder(TorchDispatchMode):
    """Counts the operations that reach the dispatcher."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.seen[str(func._overloadpacket)] += 1
        return func(*args, **(kwargs or {}))


def on_shapes(work: Callable[[nn.Module, Tensor], Found], model: nn.Module, image: Tensor) -> Found:
    """`work(model, image)` on shapes alone (PyTorch's device "meta"), where a run takes no time and no memory.

    On the network and image as they are where that fails: a network may look at values, or make tensors on a device.
    """
    try:
        return work(copy.deepcopy(model).to("meta"), image.to("meta"))
    except Exception:  # of any kind: what the network says of real images is its own error
        return work(model, image)


def operations(model: nn.Module, image: Tensor) -> Counter[str]:
    """Operations that compute something in one run."""
    with _Recorder() as recorder:
        model(image)
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


def unpatched_functions(model: nn.Module, image: Tensor) -> dict[str, int]:
    """Arithmetic by operators and methods, which neither module hooks nor patched functions of ptflops see."""
    with _Functions() as recorder:
        model(image)
    names: Counter[str] = Counter()
    for func, times in recorder.seen.items():
        name = (resolve_name(func) or str(func)).removeprefix("torch.")
        if name.startswith("Tensor.") and name.removeprefix("Tensor.").strip("_") in OPERATORS:
            names[name] += times
    return dict(sorted(names.items()))
