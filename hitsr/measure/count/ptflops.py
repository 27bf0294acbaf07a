"""Multiply-adds by ptflops' two counters."""

import copy
import io
import warnings
from collections import Counter

import torch._dynamo  # noqa: F401 - ptflops patches functions that its first import needs as they were
from ptflops import get_model_complexity_info
from ptflops.aten_ops import ATEN_OPS_MAPPING
from ptflops.pytorch_ops import conv_flops_counter_hook
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeCopyMode, FakeTensorMode

from hitsr.errors import ResultError
from hitsr.measure.count.counters import CORNER, Count
from hitsr.measure.count.left_out import on_shapes, operations, unpatched_functions
from hitsr.networks.blocks.convolution import Conv1x1, Conv2d, TrunkConv2d


def by_ptflops_aten(model: nn.Module, image: Tensor) -> Count:
    """ptflops, counting dispatched operations: matrix products and convolutions with their bias additions."""
    macs = _ptflops(*without_values(model, image), "aten", {})
    left_out = on_shapes(operations, model, image) - Counter({str(op): 10**9 for op in ATEN_OPS_MAPPING})
    return Count(macs, dict(sorted(left_out.items())))


def without_values(model: nn.Module, image: Tensor) -> tuple[nn.Module, Tensor]:
    """A network and an image of shapes alone, which dispatch the same operations as on their own device.

    As they are for a network that does not run so.
    """
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    try:
        with FakeCopyMode(mode):
            shapes = copy.deepcopy(model)
        fake = mode.from_tensor(image)
        with mode:
            shapes(fake)
    except Exception:  # of any kind: what the network says of real images is its own error
        return model, image
    return shapes, fake


def by_ptflops_hooks(model: nn.Module, image: Tensor) -> Count:
    """ptflops, counting modules and patched functions: does not see the `@` operator.

    On shapes alone where that gives the same on a corner of the image.
    """
    whole = without_values(model, image) if _needs_no_values(model, image) else (model, image)
    return Count(_hooks(*whole), on_shapes(unpatched_functions, model, image))


def _needs_no_values(model: nn.Module, image: Tensor) -> bool:
    """Whether ptflops' hooks count a corner of the image on shapes alone as they do in a run."""
    corner = image[..., : CORNER[0], : CORNER[1]]
    try:
        return corner.shape != image.shape and _hooks(model, corner) == _hooks(*without_values(model, corner))
    except Exception:  # a network may refuse small images; what it says of the whole is its own error
        return False


def _hooks(model: nn.Module, image: Tensor) -> int:
    def channels_last(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        conv_flops_counter_hook(module, inputs, output.permute(0, 3, 1, 2))

    return _ptflops(model, image, "pytorch", dict.fromkeys((Conv1x1, Conv2d, TrunkConv2d), channels_last))


def _ptflops(model: nn.Module, image: Tensor, backend: str, hooks: dict) -> int:
    with warnings.catch_warnings():
        # it looks at the address of a tensor's data, which tells nothing of shapes alone
        warnings.filterwarnings("ignore", "Accessing the data pointer of FakeTensor")
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
        raise ResultError(f"ptflops ({backend}) could not count this network; its message is above")
    return int(macs)
