"""Where a GPU computes a layer by one kernel of ours (`hitsr.optimized.kernels`) instead of PyTorch's.

In evaluation without gradients, with Triton installed, which PyTorch for CUDA brings; the outputs are equal up to
rounding.
"""

from importlib.util import find_spec

import torch
from torch import Tensor

FORMATS = (torch.float32, torch.bfloat16, torch.float16)
"""Number formats whose sums are exact enough in float32."""
TRITON = find_spec("triton") is not None


def fusible(x: Tensor) -> bool:
    """Whether kernels of ours compute with a tensor: on CUDA, in one of `FORMATS`, without gradients."""
    return x.is_cuda and x.dtype in FORMATS and not torch.is_grad_enabled() and x.numel() > 0 and TRITON
