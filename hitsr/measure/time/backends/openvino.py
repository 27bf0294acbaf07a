"""OpenVINO on a CPU, with the network exported for the size of the image; in bfloat16 where the CPU has it."""

import torch
from torch import Tensor, nn

from hitsr.export.openvino_graph import openvino_model
from hitsr.export.packages import missing
from hitsr.export.runtimes import in_openvino
from hitsr.measure.time.backends import Prepared
from hitsr.measure.time.exported import exported


def available(device: torch.device) -> str | None:
    """On CPUs, where the packages are installed."""
    lacking = missing("onnx", "onnxscript", "openvino")
    if lacking:
        return f"missing: {', '.join(lacking)}; pip install 'hitsr[openvino]'"
    return None if device.type == "cpu" else "it runs on a CPU here; on CUDA use tensorrt"


def prepare(network: nn.Module, example: Tensor) -> Prepared:
    """Export, read and compile."""
    import openvino

    threads, precision = torch.get_num_threads(), "bf16" if torch.is_autocast_enabled("cpu") else "f32"
    run, facts = exported(network, example, lambda graph: in_openvino(openvino_model(graph), threads, precision))
    facts |= {"version": openvino.__version__, "computes_in": precision}
    # the request's output is its own memory, which the next pass overwrites
    return Prepared(lambda image: torch.from_numpy(run(image.numpy()).copy()), facts, holds_memory=True)
