"""CUDA graphs: the launches of one pass, recorded once and replayed without Python."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from hitsr.measure.time.backends import Prepared

WARM_UP = 3
"""Passes on a side stream before the capture, as PyTorch asks for."""


def available(device: torch.device) -> str | None:
    """On CUDA devices."""
    return None if device.type == "cuda" else "CUDA graphs need a CUDA device"


def prepare(network: nn.Module, example: Tensor) -> Prepared:
    """Capture a pass."""
    return capture(network, example)


def capture(network: Callable[[Tensor], Tensor], example: Tensor) -> Prepared:
    """Capture a pass. What waits for the GPU cannot be captured, and is refused before it breaks the allocator."""
    network(example)
    torch.cuda.set_sync_debug_mode("error")
    try:
        network(example)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            network(example)
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    held, graph = example.clone(), torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = network(held)

    def replay(image: Tensor) -> Tensor:
        held.copy_(image)
        graph.replay()
        return output

    return Prepared(replay, holds_memory=True)
