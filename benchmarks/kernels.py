"""What the kernels for GPUs of `hitsr.optimized.kernels` gain over PyTorch's layers, over the pixels of a 640x360 map.

Each is captured in a CUDA graph over several inputs, of which none is still in the cache. The ratio is PyTorch's median
time over the kernel's; bandwidth counts every value of the map as read once and written once.

  kernels.py
"""

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path

import checkout
import torch
from measured import markdown
from torch import Tensor
from torch.nn import functional as F

from hitsr.errors import ResultError
from hitsr.measure.time.timer import milliseconds
from hitsr.precision import computing_in
from hitsr.results.environment import hardware
from hitsr.results.fingerprints import source_digest
from hitsr.results.provenance import Stopwatch, digest
from hitsr.results.records import write_record

PIXELS = (360, 640)
NORMS = (60, 120, 180, 256, 512, 1024)
CONVOLUTIONS = ((60, 5), (120, 5), (180, 5), (120, 3))
"""Channels, and side of the filters; those of HiT-SRF are 120 and 5."""
INPUTS, WARM_UP, ROUNDS = 4, 3, 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/kernels.json"))
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        raise ResultError("the kernels are for CUDA devices, and PyTorch sees none")
    watch, device = Stopwatch(), torch.device("cuda")
    with torch.no_grad(), computing_in("float32", device):
        rows = [row for dtype in (torch.float32, torch.bfloat16) for row in measured(dtype, device)]
    provenance = watch.provenance(
        config_digest=digest([NORMS, CONVOLUTIONS, PIXELS]),
        source_digest=source_digest("hitsr.optimized.kernels"),
        device="cuda",
    )
    record = {"kind": "benchmark", "gpu": hardware()["gpu"], "rows": rows, "provenance": provenance}
    write_record(arguments.output, record)
    print(f"{record['gpu']}\n\n{table(rows)}\n\nwritten: {arguments.output}")


def measured(dtype: torch.dtype, device: torch.device) -> list[dict]:
    """Every layer in one number format; the kernels have PyTorch's weights."""
    from hitsr.optimized.kernels import add_convolved, layer_norm

    rows = []
    for channels in NORMS:
        gain, shift = torch.randn(2, channels, device=device)
        own_gain, own_shift = gain.to(dtype), shift.to(dtype)
        rows.append(
            row(
                f"layer norm, {channels} channels",
                maps(channels, dtype, device),
                lambda x, g=own_gain, s=own_shift: F.layer_norm(x, g.shape, g, s),
                lambda x, g=gain, s=shift: layer_norm(x, g, s, 1e-5, x.dtype),
            )
        )
    for channels, side in CONVOLUTIONS:
        weight, bias = torch.randn(channels, 1, side, side, device=device), torch.randn(channels, device=device)
        own_weight, own_bias = weight.to(dtype), bias.to(dtype)
        rows.append(
            row(
                f"depthwise {side}x{side}, GELU, sum, {channels} channels",
                maps(channels, dtype, device),
                lambda x, w=own_weight, b=own_bias: x + F.gelu(depthwise(x, w, b)),
                lambda x, w=weight, b=bias: add_convolved(x, w, b),
            )
        )
    return rows


def maps(channels: int, dtype: torch.dtype, device: torch.device) -> list[Tensor]:
    """Random maps `(1, H, W, C)`."""
    return [torch.randn(1, *PIXELS, channels, device=device).to(dtype) for _ in range(INPUTS)]


def depthwise(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """As the networks have it, of a map `(1, H, W, C)`."""
    mixed = F.conv2d(x.permute(0, 3, 1, 2), weight, bias, padding=weight.shape[2] // 2, groups=x.shape[3])
    return mixed.permute(0, 2, 3, 1)


def row(
    name: str, inputs: list[Tensor], of_pytorch: Callable[[Tensor], Tensor], own: Callable[[Tensor], Tensor]
) -> dict:
    """Median ms of both, in turns, and how far their outputs are apart."""
    wanted, found = of_pytorch(inputs[0]).double(), own(inputs[0]).double()
    graphs = {"pytorch": captured(of_pytorch, inputs), "kernel": captured(own, inputs)}
    times: dict[str, list[float]] = {which: [] for which in graphs}
    for number in range(WARM_UP + ROUNDS):
        for which, graph in graphs.items():
            ms = milliseconds(graph.replay, inputs[0].device) / len(inputs)
            if number >= WARM_UP:
                times[which].append(ms)
    medians = {f"{which}_ms": statistics.median(each) for which, each in times.items()}
    moved = 2 * inputs[0].nbytes / medians["kernel_ms"] / 1e9
    difference = ((found - wanted).norm() / wanted.norm()).item()
    return {"layer": name, "dtype": str(inputs[0].dtype).removeprefix("torch."), **medians, "tb_per_s": moved,
            "relative_difference": difference}  # fmt: skip


def captured(function: Callable[[Tensor], Tensor], inputs: list[Tensor]) -> torch.cuda.CUDAGraph:
    """A CUDA graph of the layer over all inputs: launching from Python would take longer than some layers do."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        function(inputs[0])
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for x in inputs:
            function(x)
    return graph


def table(rows: list[dict]) -> str:
    """Markdown: a row per layer, with both number formats."""
    headers = ["Layer"]
    cells: dict[str, list[str]] = {}
    for dtype in dict.fromkeys(each["dtype"] for each in rows):
        headers += [f"{dtype}: PyTorch (ms)", "kernel (ms)", "times faster", "TB/s"]
    for each in rows:
        cells.setdefault(each["layer"], []).extend(
            [
                f"{each['pytorch_ms']:.3f}",
                f"{each['kernel_ms']:.3f}",
                f"{each['pytorch_ms'] / each['kernel_ms']:.1f}×",
                f"{each['tb_per_s']:.1f}",
            ]
        )
    return markdown(headers, [[layer, *found] for layer, found in cells.items()])


if __name__ == "__main__":
    checkout.run(main)
