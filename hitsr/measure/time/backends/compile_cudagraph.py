"""torch.compile, and the launches of its kernels recorded once and replayed from a CUDA graph."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from hitsr.measure.time.backends import Prepared, compile, cudagraph


def available(device: torch.device) -> str | None:
    """On CUDA devices with Triton."""
    return cudagraph.available(device) or compile.available(device)


def prepare(network: nn.Module, example: Tensor) -> Prepared:
    """Compile, then capture."""
    compiled = compile.prepare(network, example)
    return replace(cudagraph.capture(compiled.run, example), facts=compiled.facts)
