"""ONNX Runtime on a CPU, with the network exported for the size of the image."""

import torch
from torch import Tensor, nn

from hitsr.errors import ResultError
from hitsr.export.packages import missing
from hitsr.export.runtimes import in_onnxruntime
from hitsr.measure.time.backends import Prepared
from hitsr.measure.time.exported import exported


def available(device: torch.device) -> str | None:
    """On CPUs, where the packages are installed."""
    lacking = missing("onnx", "onnxscript", "onnxruntime")
    if lacking:
        return f"missing: {', '.join(lacking)}; pip install 'hitsr[onnx]'"
    return None if device.type == "cpu" else "it runs on a CPU here; on CUDA use tensorrt"


def prepare(network: nn.Module, example: Tensor) -> Prepared:
    """Export and load."""
    if torch.is_autocast_enabled("cpu"):
        raise ResultError("ONNX Runtime computes in float32 on a CPU; bfloat16 is a format of openvino and eager")
    import onnxruntime

    threads = torch.get_num_threads()
    run, facts = exported(network, example, lambda graph: in_onnxruntime(graph.SerializeToString(), threads))
    facts |= {"version": onnxruntime.__version__, "computes_in": "float32"}
    return Prepared(lambda image: torch.from_numpy(run(image.numpy())), facts, holds_memory=True)
