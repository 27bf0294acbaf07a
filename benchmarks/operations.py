"""What bounds a pass: the share of each kind of operation in its time, in PyTorch and in exported form.

Each back-end tells the time of its operations by its own profiler, over some passes after one that is not counted.
Profilers slow small operations down, so these are shares, no latencies: `runtimes.py` has those. Optimized layers in
PyTorch compute linear layers as convolutions; OpenVINO fuses what works element by element, softmax included. Parts of
large maps have operations of their own here, because OpenVINO's profiler does not look into loops.

  operations.py                                       HiT-SIR and SwinIR-Light, x2, LR 160x90, one thread
  operations.py --method HiT-SRF --input 320x180 --backend eager
"""

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import checkout
import numpy as np
import torch
from measured import markdown
from torch import nn

import hitsr
from hitsr.export import loops
from hitsr.export.onnx_graph import onnx_graph
from hitsr.export.openvino_graph import openvino_model
from hitsr.export.runtimes import onnxruntime_options, openvino_settings
from hitsr.measure.time import backends
from hitsr.measure.time.campaign import size_of
from hitsr.networks.registry import networks
from hitsr.optimized.allocator import keep_pages
from hitsr.results.fingerprints import source_digest
from hitsr.results.provenance import Stopwatch, digest
from hitsr.results.records import write_record

DEFAULT = ("HiT-SIR", "SwinIR-Light")
PASSES = 5
KINDS = {
    "convolutions": r"conv",
    "matrix products": r"matmul|gemm|fullyconnected|addmm|bmm|aten::mm|linear|mha",
    "norms": r"norm|mvn|rms",
    "activations": r"relu|gelu|softmax|sigmoid|silu|tanh|erf|aten::exp$|^exp$",
    "moving data": (
        r"copy|transpose|permute|reorder|reshape|contiguous|clone|concat|aten::cat|stack|gather|index|slice|split|pad|"
        r"roll|shuffle|squeeze|expand|tile|depthtospace|spacetodepth|fill|zero"
    ),
    "by element": r"add|sub|mul|div|pow|sqrt|sum|mean|max|min|eltwise|math",
}
"""Kinds of operations, and what their names hold in one of the back-ends; the first that fits counts."""
OTHER = "other"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=networks(), help=f"may be repeated; default: {DEFAULT}")
    parser.add_argument("--input", default="160x90", metavar="WIDTHxHEIGHT", help="LR size (default: 160x90)")
    parser.add_argument("--backend", nargs="+", default=list(PROFILERS), choices=list(PROFILERS))
    parser.add_argument("--scale", type=int, default=2, choices=(2, 3, 4))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/operations.json"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_pages()
    loops.UNROLLED = sys.maxsize
    watch, rows = Stopwatch(), []
    size = size_of(arguments.input)
    for method in arguments.method or DEFAULT:
        torch.manual_seed(0)
        for implementation, backend in (("reference", "eager"), *(("optimized", each) for each in arguments.backend)):
            lacking = backends.load(backend).available(torch.device("cpu"))
            if lacking:
                print(f"{method}: not in {backend}: {lacking}")
                continue
            network = hitsr.build(method, arguments.scale, implementation=implementation).eval()
            image = np.random.default_rng(0).random((1, 3, size[1], size[0]), np.float32)
            milliseconds = PROFILERS[backend](network, image, arguments.threads)
            where = {"method": method, "implementation": implementation, "backend": backend}
            rows += [{**where, "operation": name, "kind": kind_of(name), "ms": ms} for name, ms in milliseconds.items()]
    settings = {"input": arguments.input, "scale": arguments.scale, "threads": arguments.threads}
    source = source_digest("hitsr.export.onnx_graph", "hitsr.export.runtimes", "hitsr.networks.registry")
    provenance = watch.provenance(
        config_digest=digest(settings), source_digest=source, device="cpu", threads=arguments.threads
    )
    write_record(arguments.output, {"kind": "benchmark", "settings": settings, "rows": rows, "provenance": provenance})
    print(f"x{arguments.scale}, LR {arguments.input}, {arguments.threads} thread(s)\n\n{table(rows)}")
    print(f"\nwritten: {arguments.output}")


def in_eager(network: nn.Module, image: np.ndarray, threads: int) -> dict[str, float]:
    """Milliseconds of a pass by operator of PyTorch, each without those that it calls."""
    tensor = torch.from_numpy(image)
    with torch.no_grad():
        network(tensor)
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            for _ in range(PASSES):
                network(tensor)
    return {each.key: each.self_cpu_time_total / 1000 / PASSES for each in profile.key_averages()}


def in_onnxruntime(network: nn.Module, image: np.ndarray, threads: int) -> dict[str, float]:
    """Milliseconds of a pass by kernel of ONNX Runtime."""
    import onnxruntime

    graph = onnx_graph(network, (image.shape[3], image.shape[2])).SerializeToString()
    options = onnxruntime_options(threads)
    options.enable_profiling = True
    with tempfile.TemporaryDirectory() as folder:
        options.profile_file_prefix = f"{folder}/profile"
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        (name,) = (each.name for each in session.get_inputs())
        for _ in range(PASSES + 1):
            session.run(None, {name: image})
        events = json.loads(Path(session.end_profiling()).read_text())
    kernels = [each for each in events if each["cat"] == "Node" and each["name"].endswith("_kernel_time")]
    # those of the first pass come first
    kernels = kernels[len(kernels) // (PASSES + 1) :]
    found: Counter[str] = Counter()
    for each in kernels:
        found[each["args"]["op_name"]] += each["dur"] / 1000 / PASSES
    return dict(found)


def in_openvino(network: nn.Module, image: np.ndarray, threads: int) -> dict[str, float]:
    """Milliseconds of a pass by type of layer of OpenVINO, as executed."""
    import openvino

    model = openvino_model(onnx_graph(network, (image.shape[3], image.shape[2])))
    settings = {**openvino_settings(threads), "PERF_COUNT": True}
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    request.infer([image])
    found: Counter[str] = Counter()
    for _ in range(PASSES):
        request.infer([image])
        for each in request.profiling_info:
            found[each.node_type] += each.real_time.total_seconds() * 1000 / PASSES
    return {name: ms for name, ms in found.items() if ms}


PROFILERS: dict[str, Callable[[nn.Module, np.ndarray, int], dict[str, float]]] = {
    "eager": in_eager,
    "onnxruntime": in_onnxruntime,
    "openvino": in_openvino,
}
"""How each back-end tells the time of its operations."""


def kind_of(operation: str) -> str:
    """The kind of an operation, by its name."""
    name = operation.lower()
    return next((kind for kind, pattern in KINDS.items() if re.search(pattern, name)), OTHER)


def table(rows: list[dict]) -> str:
    """A row per network, implementation and back-end: the share of each kind."""
    kinds = [*KINDS, OTHER]
    lines = []
    for key in dict.fromkeys((row["method"], row["implementation"], row["backend"]) for row in rows):
        own = [row for row in rows if (row["method"], row["implementation"], row["backend"]) == key]
        total = sum(row["ms"] for row in own)
        shares = [sum(row["ms"] for row in own if row["kind"] == kind) / total for kind in kinds]
        lines.append([*key, *(f"{share:.0%}" for share in shares)])
    return markdown(["Method", "Implementation", "Back-end", *kinds], lines, texts=3)


if __name__ == "__main__":
    checkout.run(main)
