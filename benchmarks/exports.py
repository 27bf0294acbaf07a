"""Every network at full size as files of other runtimes: what the export takes, its size, difference from PyTorch.

For each network an ONNX file of one size and one of any size, with fresh weights, run in all runtimes that are
installed, the second over several sizes. The exit status is 1 if one differs by more than 1e-4 of white. It needs the
packages of `hitsr[onnx]` and `hitsr[openvino]`.

  exports.py                                      all networks, x2
  exports.py --method HiT-SIR --scale 4           one network
  exports.py --size 37x29 160x90                  other images
"""

import argparse
import sys
import time

import checkout
import numpy as np
import torch
from measured import markdown, markdown_row

import hitsr
from hitsr.data.images import read_rgb
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.export.check import PHOTOGRAPH, TOLERANCE, crop, difference_from_eager
from hitsr.export.onnx_graph import onnx_graph
from hitsr.export.packages import missing, require
from hitsr.export.runtimes import LOADERS
from hitsr.measure.memory import MIB, peak_of
from hitsr.measure.time.campaign import size_of
from hitsr.networks.registry import networks
from hitsr.progress import progress


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=networks(), help="may be repeated; default: all")
    parser.add_argument("--scale", type=int, default=2, choices=(2, 3, 4))
    parser.add_argument(
        "--size", nargs="+", default=["48x32", "37x29", "65x18"], metavar="WIDTHxHEIGHT",
        help="of the low-resolution images; the first is that of the file of one size",
    )  # fmt: skip
    arguments = parser.parse_args()
    require("onnx")
    torch.set_num_threads(1)
    sizes = [size_of(text) for text in arguments.size]
    headers = ["Network", "input", "export (CPU s)", "peak (MiB)", "weights (MiB)", "file (MiB)", *LOADERS]
    print(markdown(headers, [], texts=2), flush=True)
    worst = 0.0
    for method in progress(arguments.method or networks(), desc="exports", unit="network"):
        torch.manual_seed(0)
        model = hitsr.build(method, arguments.scale).eval()
        for size in (sizes[0], None):
            row, differences = exported(model, method, size, sizes)
            print(markdown_row(row), flush=True)
            worst = max([worst, *differences])
    if not worst <= TOLERANCE:
        sys.exit(f"error: an exported network differs from PyTorch by {worst:.1e} of white, more than {TOLERANCE:.0e}")


def exported(
    model: torch.nn.Module, method: str, size: tuple[int, int] | None, sizes: list[tuple[int, int]]
) -> tuple[list[str], list[float]]:
    """A row of the table, and the largest difference in each runtime."""
    made: list[bytes] = []
    start = time.process_time()
    peak = peak_of(lambda: made.append(onnx_graph(model, size).SerializeToString()), torch.device("cpu"))
    seconds, (graph,) = time.process_time() - start, made
    weights = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters()) / MIB
    row = [method, f"{size[0]}x{size[1]}" if size else "any", f"{seconds:.0f}", f"{peak:,.0f}"]
    row += [f"{weights:.1f}", f"{len(graph) / MIB:.1f}"]
    photograph, found = read_rgb(PHOTOGRAPHS[PHOTOGRAPH].path), []
    for name, load in LOADERS.items():
        if missing(name):
            row.append("not installed")
            continue
        try:
            run = load(read(name, graph), 1)
            each = [difference_from_eager(model, run, crop(photograph, *one)) for one in ([size] if size else sizes)]
        except Exception as error:
            row.append(f"fails: {' '.join(str(error).split())[:80]}")
            found.append(np.inf)
            continue
        row.append(f"{max(each):.1e}")
        found.append(max(each))
    return row, found


def read(runtime: str, graph: bytes) -> object:
    """The graph as a runtime takes it."""
    if runtime == "onnxruntime":
        return graph
    import openvino

    return openvino.Core().read_model(graph)


if __name__ == "__main__":
    checkout.run(main)
