"""Graphs in the runtimes that they are for, on a CPU: from an image in memory to an image in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hitsr.errors import ResultError

if TYPE_CHECKING:
    import onnxruntime
    import openvino

Run = Callable[[np.ndarray], np.ndarray]
"""From `(1, 3, H, W)` to `(1, 3, s H, s W)`, float32."""


def in_onnxruntime(graph: bytes | Path, threads: int) -> Run:
    """A session of ONNX Runtime on a CPU."""
    import onnxruntime

    given = graph if isinstance(graph, bytes) else str(graph)
    session = onnxruntime.InferenceSession(given, onnxruntime_options(threads), providers=["CPUExecutionProvider"])
    (name,) = (each.name for each in session.get_inputs())
    return lambda image: session.run(None, {name: np.ascontiguousarray(image)})[0]


def onnxruntime_options(threads: int) -> "onnxruntime.SessionOptions":
    """What a session of ONNX Runtime is made with."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # its plan lends the memory of a tensor only to tensors of the same shape and keeps it until the last of them; maps
    # cut into windows of six sizes would be held all together
    options.enable_mem_reuse = False
    # what it cannot compute beforehand, it says for each operation
    options.log_severity_level = 3
    return options


def in_openvino(model: "openvino.Model | Path", threads: int, precision: str = "f32") -> Run:
    """A compiled model of OpenVINO on a CPU.

    Args:
        precision: that it computes in, as OpenVINO calls it: "f32", "bf16".

    Raises:
        ResultError: the CPU does not have this precision.
    """
    import openvino

    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bf16" and "BF16" not in able:
        raise ResultError(f"OpenVINO has no bfloat16 on this CPU (it has {', '.join(able)})")
    compiled = openvino.Core().compile_model(model, "CPU", openvino_settings(threads, precision))
    request: list = []

    def run(image: np.ndarray) -> np.ndarray:
        # made with the first pass, whose memory it takes
        if not request:
            request.append(compiled.create_infer_request())
        return request[0].infer([np.ascontiguousarray(image)], share_inputs=True)[0]

    return run


def openvino_settings(threads: int, precision: str = "f32") -> dict[str, object]:
    """What OpenVINO compiles a model with; `precision` as in `in_openvino`."""
    return {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
    }


LOADERS: dict[str, Callable[..., Run]] = {"onnxruntime": in_onnxruntime, "openvino": in_openvino}
"""How each runtime loads a graph: what it takes, and the number of threads."""
