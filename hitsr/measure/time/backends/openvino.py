"""OpenVINO on a CPU, with the network exported for the size of the image; in bfloat16 where the CPU has it."""

import time

import torch
from torch import Tensor, nn

from hitsr.errors import ResultError
from hitsr.export.graph import require_optimized
from hitsr.export.onnx_graph import OPSET, onnx_graph
from hitsr.export.openvino_graph import openvino_model
from hitsr.export.packages import missing
from hitsr.export.runtimes import in_openvino
from hitsr.measure.time.backends import Prepared


def available(device: torch.device) -> str | None:
    """On CPUs, where the packages are installed."""
    lacking = missing("onnx", "onnxscript", "openvino")
    if lacking:
        return f"missing: {', '.join(lacking)}; pip install 'hitsr[openvino]'"
    return None if device.type == "cpu" else "it runs on a CPU here; on CUDA use tensorrt"


def prepare(network: nn.Module, example: Tensor) -> Prepared:
    """Export, read and compile."""
    import openvino

    require_optimized(network)

    precision = "bf16" if torch.is_autocast_enabled("cpu") else "f32"
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bf16" and "BF16" not in able:
        raise ResultError(f"OpenVINO has no bfloat16 on this CPU (it has {', '.join(able)})")
    start = time.perf_counter()
    graph = onnx_graph(network, (example.shape[3], example.shape[2]))
    exported = time.perf_counter()
    run = in_openvino(openvino_model(graph), torch.get_num_threads(), precision)
    facts = {
        "version": openvino.__version__,
        "opset": OPSET,
        "export_s": exported - start,
        "load_s": time.perf_counter() - exported,
        "file_mib": graph.ByteSize() / 2**20,
        "computes_in": precision,
    }
    # the request's output is its own memory, which the next pass overwrites
    return Prepared(lambda image: torch.from_numpy(run(image.numpy()).copy()), facts, holds_memory=True)
