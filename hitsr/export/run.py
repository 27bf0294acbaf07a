"""Export a network to a file, checked against PyTorch before it takes its place."""

from dataclasses import dataclass
from pathlib import Path

from torch import nn

from hitsr.atomic import replacing
from hitsr.errors import ConfigError
from hitsr.export.check import Check, check
from hitsr.export.onnx_graph import Size, onnx_graph
from hitsr.export.openvino_graph import openvino_model, write_openvino
from hitsr.export.packages import require

SUFFIXES = {"onnx": ".onnx", "openvino": ".xml"}
"""Of the files of each kind."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        files: OpenVINO's are two.
        checked: None where no runtime of that kind is installed.
    """

    files: tuple[Path, ...]
    checked: Check | None

    @property
    def bytes(self) -> int:
        return sum(file.stat().st_size for file in self.files)


def export(model: nn.Module, path: Path, kind: str, size: Size | None = None, image: Path | None = None) -> Exported:
    """Write a network as a file of another runtime.

    Args:
        model: made by `hitsr.build` or `hitsr.load`.
        path: with the suffix of the kind, `SUFFIXES`.
        kind: "onnx" or "openvino".
        size: width and height of the low-resolution image; None leaves them open.
        image: photograph to check it with; one that scikit-image ships if None.

    Raises:
        ConfigError: another kind, or a suffix that is not of that kind.
        OptionError: a package is missing.
        ResultError: it cannot be exported, or does not give what PyTorch gives; nothing is written.
    """
    if kind not in SUFFIXES:
        raise ConfigError(f"--to {kind}: expected one of {', '.join(SUFFIXES)}")
    if path.suffix != SUFFIXES[kind]:
        raise ConfigError(f"--output {path}: expected a name that ends with {SUFFIXES[kind]} for {kind}")
    require(kind)
    model.eval()
    graph = onnx_graph(model, size)
    if kind == "onnx":
        with replacing(path) as written:
            written.write_bytes(graph.SerializeToString())
            checked = check(model, written, kind, size, image)
        return Exported((path,), checked)
    weights = path.with_suffix(".bin")
    with replacing(weights) as weights_written, replacing(path) as written:
        read = write_openvino(openvino_model(graph), written, weights_written)
        checked = check(model, read, kind, size, image)
    return Exported((path, weights), checked)
