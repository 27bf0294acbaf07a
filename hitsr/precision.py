"""Number formats that networks compute in; weights stay float32."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from hitsr.errors import OptionError

Precision = Literal["float32", "tf32", "bfloat16"]
PRECISIONS = ("float32", "tf32", "bfloat16")
"""tf32: products of float32 with 10 bits of mantissa, on CUDA only; bfloat16: by PyTorch's autocast."""


@contextmanager
def computing_in(precision: Precision, device: torch.device) -> Iterator[None]:
    """Compute in `precision` inside, and as before afterwards.

    Raises:
        OptionError: no such precision, or one that the device does not have.
    """
    if precision not in PRECISIONS:
        raise OptionError(f"precision: expected one of {', '.join(PRECISIONS)}; found {precision!r}")
    if precision == "tf32" and device.type != "cuda":
        raise OptionError(f"precision: tf32 is a format of CUDA devices; on {device.type} use float32 or bfloat16")
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    try:
        # autocast would keep its copies of the weights until the outermost of nested contexts ends: of weights that a
        # training has changed since, within one that is around the whole training
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16", cache_enabled=False):
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before
