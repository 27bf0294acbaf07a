"""Where a GPU computes a layer by one kernel of ours (`hitsr.optimized.kernels`) instead of PyTorch's.

In evaluation without gradients, where Triton, which PyTorch for CUDA brings, can build kernels; the outputs are equal
up to rounding.
"""

import warnings
from functools import cache
from importlib.util import find_spec

import torch
from torch import Tensor

from hitsr.errors import printable

FORMATS = (torch.float32, torch.bfloat16, torch.float16)
"""Number formats whose sums are exact enough in float32."""
TRITON = find_spec("triton") is not None


def fusible(x: Tensor) -> bool:
    """Whether kernels of ours compute with a tensor: on CUDA, in one of `FORMATS`, without gradients."""
    if not x.is_cuda or x.dtype not in FORMATS or torch.is_grad_enabled() or not x.numel():
        return False
    # torch.compile could do nothing without Triton, and would trace the attempt
    return TRITON if torch.compiler.is_compiling() else builds()


@cache
def builds() -> bool:
    """Whether Triton builds a kernel here, for which it needs a C compiler and the headers of Python."""
    if not TRITON:
        return False
    try:
        from hitsr.optimized.kernels import layer_norm

        one = torch.ones(1, device="cuda")
        layer_norm(one[None], one, one, 1e-5, torch.float32)
    except Exception as error:
        warnings.warn(
            f"Triton builds no kernel here, so slower ones of PyTorch compute ({type(error).__name__}: "
            f"{printable(str(error))}); it needs a C compiler and the headers of Python (apt install gcc python3-dev)",
            stacklevel=2,
        )
        return False
    return True
