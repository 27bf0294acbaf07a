"""An ONNX graph as OpenVINO's intermediate representation."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx
    import openvino


def openvino_model(graph: "onnx.ModelProto") -> "openvino.Model":
    """The graph as OpenVINO reads it, nothing computed beforehand, with the same facts under `rt_info`."""
    import openvino

    model = openvino.Core().read_model(graph.SerializeToString())
    for each in graph.metadata_props:
        model.set_rt_info(each.value, each.key.split("."))
    return model


def write_openvino(model: "openvino.Model", structure: Path, weights: Path) -> "openvino.Model":
    """Write both files, in float32.

    Returns:
        The model as it is read from them.
    """
    import openvino

    openvino.serialize(model, str(structure), str(weights))
    return openvino.Core().read_model(str(structure), str(weights))
