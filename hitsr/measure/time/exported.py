"""What the back-ends that run exported networks have in common."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from torch import Tensor, nn

from hitsr.export.graph import require_optimized
from hitsr.export.onnx_graph import OPSET, onnx_graph
from hitsr.measure.memory import MIB

if TYPE_CHECKING:
    import onnx

Loaded = TypeVar("Loaded")


def exported(
    network: nn.Module, example: Tensor, load: "Callable[[onnx.ModelProto], Loaded]"
) -> tuple[Loaded, dict[str, object]]:
    """Export a network for images of the size of `example` `(1, 3, H, W)`, and load its graph.

    Returns:
        What `load` returns, and what is recorded: seconds of both steps, size of the graph, version of the operators.

    Raises:
        ResultError: the network is of the reference implementation, or cannot be exported.
    """
    require_optimized(network)
    start = time.perf_counter()
    size = example.shape[3], example.shape[2]
    graph = onnx_graph(network, size, parts=example.device.type == "cpu")
    done = time.perf_counter()
    loaded = load(graph)
    facts = {
        "opset": OPSET,
        "export_s": done - start,
        "load_s": time.perf_counter() - done,
        "file_mib": graph.ByteSize() / MIB,
    }
    return loaded, facts
