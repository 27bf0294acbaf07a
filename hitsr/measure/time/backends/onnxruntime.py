"""ONNX Runtime on a CPU, with the network exported for the size of the image."""

import time

import torch
from torch import Tensor, nn

from hitsr.errors import ResultError
from hitsr.export.graph import require_optimized
from hitsr.export.onnx_graph import OPSET, onnx_graph
from hitsr.export.packages import missing
from hitsr.export.runtimes import in_onnxruntime
from hitsr.measure.time.backends import Prepared


def available(device: torch.device) -> str | None:
    """On CPUs, where the packages are installed."""
    lacking = missing("onnx", "onnxscript", "onnxruntime")
    if lacking:
        return f"missing: {', '.join(lacking)}; pip install 'hitsr[onnx]'"
    return None if device.type == "cpu" else "it runs on a CPU here; on CUDA use tensorrt"


def prepare(network: nn.Module, example: Tensor) -> Prepared:
    """Export and load."""
    require_optimized(network)
    if torch.is_autocast_enabled("cpu"):
        raise ResultError("ONNX Runtime computes in float32 on a CPU; bfloat16 is a format of openvino and eager")
    import onnxruntime

    start = time.perf_counter()
    graph = onnx_graph(network, (example.shape[3], example.shape[2])).SerializeToString()
    exported = time.perf_counter()
    run = in_onnxruntime(graph, torch.get_num_threads())
    facts = {
        "version": onnxruntime.__version__,
        "opset": OPSET,
        "export_s": exported - start,
        "load_s": time.perf_counter() - exported,
        "file_mib": len(graph) / 2**20,
        "computes_in": "float32",
    }
    return Prepared(lambda image: torch.from_numpy(run(image.numpy())), facts, holds_memory=True)
