"""Every network at full size as files of other runtimes: what the export takes, its size, difference from PyTorch.

For each network an ONNX file of one size and one of any size, with fresh weights, run in all runtimes that are
installed, the second over several sizes. The exit status is 1 if one differs by more than 1e-4 of white. Where fresh
weights are such that PyTorch itself gives another image in float64 (ELAN-Light, whose attention to values of up to 255
is all or nothing), they are halved until it does not. It needs the packages of `hitsr[onnx]` and `hitsr[openvino]`.

  exports.py                                      all networks, x2
  exports.py --method HiT-SIR --scale 4           one network
  exports.py --size 37x29 160x90                  other images
"""

import argparse
import sys
import time
from pathlib import Path

import checkout
import numpy as np
import torch
from measured import markdown, markdown_row

import hitsr
from hitsr.data.images import read_rgb
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.export.check import PHOTOGRAPH, TOLERANCE, crop, difference_from_eager, in_float64
from hitsr.export.onnx_graph import onnx_graph
from hitsr.export.packages import missing, require
from hitsr.export.runtimes import LOADERS
from hitsr.measure.memory import MIB, peak_of
from hitsr.measure.time.campaign import size_of
from hitsr.networks.registry import networks
from hitsr.progress import progress
from hitsr.results.fingerprints import source_digest
from hitsr.results.provenance import Stopwatch, digest
from hitsr.results.records import write_record

ROUNDING = TOLERANCE / 10
"""Difference, where white is 1, that float32 makes at most in a network that others can be compared with."""
HEADERS = ("Network", "input", "export (CPU s)", "peak (MiB)", "weights (MiB)", "file (MiB)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=networks(), help="may be repeated; default: all")
    parser.add_argument("--scale", type=int, default=2, choices=(2, 3, 4))
    parser.add_argument(
        "--size", nargs="+", default=["48x32", "37x29", "65x18"], metavar="WIDTHxHEIGHT",
        help="of the low-resolution images; the first is that of the file of one size",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/exports.json"))
    arguments = parser.parse_args()
    require("onnx")
    torch.set_num_threads(1)
    sizes = [size_of(text) for text in arguments.size]
    print(table([]), flush=True)
    watch, rows = Stopwatch(), []
    for method in progress(arguments.method or networks(), desc="exports", unit="network"):
        torch.manual_seed(0)
        model = hitsr.build(method, arguments.scale).eval()
        halvings = condition(model, sizes[0])
        for size in (sizes[0], None):
            rows.append({"network": method, "halvings": halvings, **exported(model, size, sizes)})
            print(markdown_row(cells(rows[-1])), flush=True)
    settings = {"scale": arguments.scale, "sizes": arguments.size}
    provenance = watch.provenance(
        config_digest=digest(settings),
        source_digest=source_digest("hitsr.export.onnx_graph", "hitsr.export.runtimes", "hitsr.networks.registry"),
        device="cpu",
        threads=1,
    )
    write_record(arguments.output, {"kind": "benchmark", "settings": settings, "rows": rows, "provenance": provenance})
    print(f"\nwritten: {arguments.output}")
    failed = sorted({row["network"] for row in rows if not all(right(found) for found in row["runtimes"].values())})
    if failed:
        sys.exit(f"error: fails, or differs from PyTorch by more than {TOLERANCE:.0e} of white: {', '.join(failed)}")


@torch.no_grad()
def condition(model: torch.nn.Module, size: tuple[int, int]) -> int:
    """Halve the weights of a network until PyTorch gives the same image in float32 and in float64.

    Returns:
        How many times.
    """
    image, halvings = crop(read_rgb(PHOTOGRAPHS[PHOTOGRAPH].path), *size), 0
    while not difference_from_eager(model, in_float64(model), image) <= ROUNDING:
        for parameter in model.parameters():
            parameter *= 0.5
        halvings += 1
    return halvings


def right(found: float | str | None) -> bool:
    """Whether a runtime gives the image of PyTorch, or is not installed."""
    return found is None or (isinstance(found, float) and found <= TOLERANCE)


def exported(model: torch.nn.Module, size: tuple[int, int] | None, sizes: list[tuple[int, int]]) -> dict:
    """What the export takes, and by runtime the largest difference from PyTorch, or why it fails."""
    made: list[bytes] = []
    start = time.process_time()
    peak = peak_of(lambda: made.append(onnx_graph(model, size).SerializeToString()), torch.device("cpu"))
    seconds, (graph,) = time.process_time() - start, made
    weights = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters()) / MIB
    photograph = read_rgb(PHOTOGRAPHS[PHOTOGRAPH].path)
    found: dict[str, float | str | None] = {}
    for name, load in LOADERS.items():
        if missing(name):
            found[name] = None
            continue
        try:
            run = load(read(name, graph), 1)
            each = [difference_from_eager(model, run, crop(photograph, *one)) for one in ([size] if size else sizes)]
            worst = float(np.max(each))
            found[name] = worst if np.isfinite(worst) else "gives what is no number"
        except Exception as error:
            found[name] = " ".join(str(error).split())
    return {
        "input": f"{size[0]}x{size[1]}" if size else "any",
        "cpu_s": seconds,
        "peak_mib": peak,
        "weights_mib": weights,
        "file_mib": len(graph) / MIB,
        "runtimes": found,
    }


def table(rows: list[dict]) -> str:
    """A row per network, of one size and of any."""
    return markdown([*HEADERS, *LOADERS], [cells(row) for row in rows], texts=2)


def cells(row: dict) -> list[str]:
    """A row of the table."""
    found = [runtime_cell(each) for each in row["runtimes"].values()]
    numbers = [f"{row['cpu_s']:.0f}", f"{row['peak_mib']:,.0f}", f"{row['weights_mib']:.1f}", f"{row['file_mib']:.1f}"]
    return [row["network"], row["input"], *numbers, *found]


def runtime_cell(found: float | str | None) -> str:
    """The difference in one runtime, or why there is none."""
    if found is None:
        return "not installed"
    return f"{found:.1e}" if isinstance(found, float) else f"fails: {found}"[:90]


def read(runtime: str, graph: bytes) -> object:
    """The graph as a runtime takes it."""
    if runtime == "onnxruntime":
        return graph
    import openvino

    return openvino.Core().read_model(graph)


if __name__ == "__main__":
    checkout.run(main)
