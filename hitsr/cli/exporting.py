"""The verb that writes a network for another runtime."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import app
from hitsr.cli.upscale import model_of
from hitsr.errors import ConfigError, printable

if TYPE_CHECKING:
    from torch import nn

    from hitsr.export.run import Exported


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write: NAME.onnx, or NAME.xml for OpenVINO.")],
    to: Annotated[str, typer.Option("--to", help="onnx (for ONNX Runtime, TensorRT and others) or openvino.")] = "onnx",
    weights: Annotated[
        Path | None,
        typer.Option(
            "--weights",
            "-w",
            help="Weights: a file of ours or of an official repository; or a published name such as HiT-SRF, with "
            "--scale. Fresh weights of --method if left out: good for timing, not for images.",
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="Network, where the weights do not tell it (`hitsr list`, or FILE.py:Class).")
    ] = None,
    scale: Annotated[int | None, typer.Option(min=2, max=4, help="Scale, where the weights do not tell it.")] = None,
    input_: Annotated[
        str | None,
        typer.Option("--input", metavar="WIDTHxHEIGHT", help="Size of the low-resolution image; any if left out."),
    ] = None,
    image: Annotated[
        Path | None, typer.Option(help="Photograph to check the file with; one that scikit-image ships if left out.")
    ] = None,
) -> None:
    """Write a network as ONNX or OpenVINO IR, checked against PyTorch on a real image.

    The file holds float32 weights and the small tables that position biases are made from. It takes `(1, 3, H, W)` and
    gives `(1, 3, s H, s W)`, in the range of the network: [0, 1], or [0, 255] for a few (`hitsr.image_range` in its
    metadata, which also has network, scale, options and the digest of the weights). A fixed size runs faster than any.

    **Example:** `hitsr export --weights weights.safetensors --to onnx --output hit_srf_x4.onnx`
    """
    from hitsr.export.run import export as run
    from hitsr.measure.time.campaign import size_of

    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    size = None if input_ is None else size_of(input_)
    model = _fresh(method, scale) if weights is None else model_of(weights, method, scale, errors)
    exported = run(model, output, to, size, image)
    Console(highlight=False, soft_wrap=True).print(escape(printable(_summary(model, exported, size))))
    if exported.checked is None:
        errors.print(f"not checked: no runtime of {to} is installed; pip install 'hitsr\\[{to}]'")
    if weights is None:
        errors.print("the weights are fresh: good for timing, not for images; give trained ones with --weights")


def _fresh(method: str | None, scale: int | None) -> "nn.Module":
    import torch

    import hitsr

    if method is None or scale is None:
        raise ConfigError("give --weights FILE; or --method and --scale for a network with fresh weights")
    torch.manual_seed(0)
    return hitsr.build(method, scale)


def _summary(model: "nn.Module", exported: "Exported", size: tuple[int, int] | None) -> str:
    """One line: what is where, and how near it comes to PyTorch."""
    from hitsr.networks.identity import identity

    made, checked = identity(model), exported.checked
    what = f"{made.name} x{made.scale}, input {f'{size[0]}x{size[1]}' if size else 'of any size'}"
    files = ", ".join(map(str, exported.files))
    line = f"written: {files} ({what}, {exported.bytes / 2**20:.1f} MiB"
    if checked is not None:
        line += f"; difference from PyTorch in {checked.runtime} {checked.difference:.1e} of white"
    return f"{line})"
