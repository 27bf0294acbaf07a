"""What exported graphs gain by going through large maps in parts: CPU time, in each runtime.

  parts.py                                            HiT-SIR and SwinIR-Light, x2, LR 160x90 and 320x180, one thread
  parts.py --method HiT-SRF --input 320x180 --rounds 9

Each network is exported twice, whole and in parts, and the passes of both take turns in one process. CPU seconds are
compared, and not those of the clock, so that other work on the machine matters little; the ratio is the median over the
rounds of whole over in parts, with the range of its middle half.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import checkout
import numpy as np
import torch
from measured import markdown
from torch import nn

import hitsr
from hitsr.export.onnx_graph import onnx_graph
from hitsr.export.runtimes import LOADERS, Run
from hitsr.measure.time import backends
from hitsr.measure.time.campaign import size_of
from hitsr.networks.registry import networks
from hitsr.optimized.allocator import keep_pages
from hitsr.results.fingerprints import source_digest
from hitsr.results.provenance import Stopwatch, digest
from hitsr.results.records import write_record

DEFAULT = ("HiT-SIR", "SwinIR-Light")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=networks(), help=f"may be repeated; default: {DEFAULT}")
    parser.add_argument("--input", nargs="+", default=["160x90", "320x180"], metavar="WIDTHxHEIGHT", help="LR sizes")
    parser.add_argument("--scale", type=int, default=2, choices=(2, 3, 4))
    parser.add_argument("--rounds", type=int, default=5, help="passes of each (default: 5)")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/parts.json"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    keep_pages()
    chosen = [name for name in LOADERS if backends.load(name).available(torch.device("cpu")) is None]
    watch, rows = Stopwatch(), []
    for method in arguments.method or DEFAULT:
        network = hitsr.build(method, arguments.scale).eval()
        for given in arguments.input:
            size = size_of(given)
            image = np.random.default_rng(0).random((1, 3, size[1], size[0]), np.float32)
            with tempfile.TemporaryDirectory() as folder:
                files = exported(network, size, Path(folder))
                for runtime in chosen:
                    runs = [LOADERS[runtime](file, 1) for file in files]
                    found = {"method": method, "input": given, "backend": runtime}
                    rows.append(found | compared(runs, image, arguments.rounds))
                    print(f"{method}, {given}, {runtime}: {ratio_text(rows[-1])}", file=sys.stderr, flush=True)
    settings = {"scale": arguments.scale, "rounds": arguments.rounds, "threads": 1}
    source = source_digest("hitsr.export.onnx_graph", "hitsr.export.runtimes", "hitsr.networks.registry")
    provenance = watch.provenance(config_digest=digest(settings), source_digest=source, device="cpu", threads=1)
    write_record(arguments.output, {"kind": "benchmark", "settings": settings, "rows": rows, "provenance": provenance})
    print(f"{table(rows)}\n\nwritten: {arguments.output}")


def exported(network: nn.Module, size: tuple[int, int], folder: Path) -> list[Path]:
    """The graph with maps whole, and in parts."""
    files = {folder / "whole.onnx": False, folder / "parts.onnx": True}
    for file, parts in files.items():
        file.write_bytes(onnx_graph(network, size, parts=parts).SerializeToString())
    return list(files)


def compared(runs: list[Run], image: np.ndarray, rounds: int) -> dict:
    """CPU seconds of each round, whole and in parts, and by how much the images differ, of white."""
    whole, in_parts = (run(image).copy() for run in runs)
    times = [[seconds(run, image) for run in runs] for _ in range(rounds)]
    difference = float(abs(whole - in_parts).max())
    return {"whole": [each[0] for each in times], "in_parts": [each[1] for each in times], "difference": difference}


def seconds(run: Run, image: np.ndarray) -> float:
    """CPU seconds of one pass."""
    start = time.process_time()
    run(image)
    return time.process_time() - start


def table(rows: list[dict]) -> str:
    """A row per network, size and runtime."""
    cells = [
        [row["method"], row["input"], row["backend"]]
        + [f"{statistics.median(row[key]):.3f}" for key in ("whole", "in_parts")]
        + [ratio_text(row), f"{row['difference']:.1e}"]
        for row in rows
    ]
    headers = ["Method", "LR", "Back-end", "whole (CPU s)", "in parts (CPU s)", "ratio", "largest difference"]
    return markdown(headers, cells, texts=3)


def ratio_text(row: dict) -> str:
    low, middle, high = statistics.quantiles([a / b for a, b in zip(row["whole"], row["in_parts"], strict=True)], n=4)
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


if __name__ == "__main__":
    checkout.run(main)
