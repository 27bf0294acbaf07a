"""TensorRT on a CUDA device, with the network exported for the size of the image."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from hitsr.errors import ResultError
from hitsr.export.onnx_graph import INPUT, OUTPUT
from hitsr.export.packages import missing
from hitsr.measure.time.backends import Prepared
from hitsr.measure.time.exported import exported

if TYPE_CHECKING:
    import onnx
    import tensorrt


def available(device: torch.device) -> str | None:
    """On CUDA devices, where the packages are installed."""
    if device.type != "cuda":
        return "TensorRT needs a CUDA device"
    lacking = missing("onnx", "onnxscript", "tensorrt")
    return f"missing: {', '.join(lacking)}; pip install 'hitsr[onnx]' tensorrt" if lacking else None


def prepare(network: nn.Module, example: Tensor) -> Prepared:
    """Export, and build the engine: minutes."""
    import tensorrt

    engine, facts = exported(network, example, engine_of)
    context = engine.create_execution_context()
    output = torch.empty(tuple(engine.get_tensor_shape(OUTPUT)), device=example.device)

    def run(image: Tensor) -> Tensor:
        image = image.contiguous()
        context.set_tensor_address(INPUT, image.data_ptr())
        context.set_tensor_address(OUTPUT, output.data_ptr())
        if not context.execute_async_v3(torch.cuda.current_stream().cuda_stream):
            raise ResultError("TensorRT failed to run the engine")
        return output

    return Prepared(run, facts | {"version": tensorrt.__version__}, holds_memory=True)


def engine_of(graph: "onnx.ModelProto") -> "tensorrt.ICudaEngine":
    """The engine that TensorRT builds of a graph, in the number format that PyTorch is told to compute in."""
    import tensorrt

    logger = tensorrt.Logger(tensorrt.Logger.ERROR)
    builder = tensorrt.Builder(logger)
    layers = builder.create_network(0)
    parser = tensorrt.OnnxParser(layers, logger)
    if not parser.parse(graph.SerializeToString()):
        raise ResultError(f"TensorRT cannot read the graph: {parser.get_error(0).desc()}")
    settings = builder.create_builder_config()
    # by itself it computes float32 in TF32
    if not torch.backends.cuda.matmul.allow_tf32:
        settings.clear_flag(tensorrt.BuilderFlag.TF32)
    if torch.is_autocast_enabled("cuda"):
        settings.set_flag(tensorrt.BuilderFlag.BF16)
    plan = builder.build_serialized_network(layers, settings)
    if plan is None:
        raise ResultError("TensorRT cannot build an engine of the graph")
    return tensorrt.Runtime(logger).deserialize_cuda_engine(plan)
