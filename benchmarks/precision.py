"""What number formats and runtimes change in quality, with published weights on real images, x4.

PSNR by the protocol `paper`; low-resolution images by the suite's bicubic degradation. Each network runs in PyTorch in
float32, the reference, and in bfloat16 (on CUDA also in TF32), and where they are installed, exported for images of
any size, in ONNX Runtime and in OpenVINO, there too in bfloat16. They take turns on every image; the ratio of times is
the median over the images of a set. `--backend compile` compiles each network in bfloat16 for every size of a set,
which takes a minute or more per size: B100 has two.

  precision.py                                   reads the folder that HITSR_SHARED names, or ../shared
  precision.py --weights W --data FOLDER         W has the weights, FOLDER Set5/, Set14/ and BSD100/
  precision.py --network HiT-SRF --set Set5 Set14 B100 --backend eager
"""

import argparse
import copy
import hashlib
import os
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path

import checkout
import numpy as np
import torch
from measured import markdown
from torch import nn

import hitsr
from hitsr.checkpoints.loading import load_any
from hitsr.configuration.published_weights import find
from hitsr.data.degradation import downscale
from hitsr.data.folders import list_images
from hitsr.data.images import read_rgb
from hitsr.devices import choose_device
from hitsr.errors import CheckpointError
from hitsr.export.onnx_graph import onnx_graph
from hitsr.export.openvino_graph import openvino_model
from hitsr.export.runtimes import Run, in_onnxruntime, in_openvino
from hitsr.measure.quality import psnr_y
from hitsr.measure.time import backends
from hitsr.measure.time.backends import compile as compiling
from hitsr.measure.time.timer import milliseconds
from hitsr.networks.identity import annotate, identity
from hitsr.networks.registry import network_module
from hitsr.precision import PRECISIONS
from hitsr.progress import progress
from hitsr.results.fingerprints import ROOT, source_digest
from hitsr.results.provenance import Stopwatch, digest
from hitsr.results.records import write_record

NETWORKS, SCALE = ("HiT-SRF", "IMDN", "LatticeNet"), 4
TEST_SETS = {"Set5": "Set5", "Set14": "Set14", "B100": "BSD100"}
"""Name in the paper, and folder."""
BACKENDS = ("eager", "onnxruntime", "openvino", "compile")
REFERENCE = "eager", "float32"

Variant = tuple[str, str]
"""Back-end and number format."""
Upscale = Callable[[np.ndarray], np.ndarray]
"""From uint8 `(H, W, 3)` to uint8 `(s H, s W, 3)`."""


def variants(
    weights: Path, network: str, asked: list[str], device: torch.device, threads: int
) -> dict[Variant, Upscale]:
    """Every way in which a network is run here, the reference first."""
    load = partial(load_any, weights, network, SCALE, {})
    # what a network keeps between passes depends on the precision, so each has a network of its own
    eager = [name for name in PRECISIONS if name != "tf32" or device.type == "cuda"]
    found = {("eager", name): partial(hitsr.upscale, load().to(device), precision=name) for name in eager}
    for backend in asked:
        if backend == "eager":
            continue
        lacking = backends.load(backend).available(device)
        if lacking:
            print(f"{network}: not in {backend}: {lacking}")
            continue
        if backend == "compile":
            found[backend, "bfloat16"] = partial(hitsr.upscale, Compiled(load().to(device)), precision="bfloat16")
        else:
            found |= exported(load(), backend, threads)
    return found


def exported(model: nn.Module, backend: str, threads: int) -> dict[Variant, Upscale]:
    """A network in a runtime, in the number formats that it computes in."""
    graph = onnx_graph(model, None)
    if backend == "onnxruntime":
        runs = {"float32": in_onnxruntime(graph.SerializeToString(), threads)}
    else:
        read = openvino_model(graph)
        runs = {name: in_openvino(read, threads, short) for name, short in (("float32", "f32"), ("bfloat16", "bf16"))}
    return {(backend, name): partial(hitsr.upscale, Graph(model, run)) for name, run in runs.items()}


class Graph(nn.Module):
    """A network as a runtime computes it, for `hitsr.upscale`."""

    def __init__(self, network: nn.Module, run: Run):
        super().__init__()
        self.network, self.run = network, run
        annotate(self, identity(network))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        # the output may be the runtime's own memory, which the next pass overwrites
        return torch.from_numpy(self.run(image.numpy()).copy())


class Compiled(nn.Module):
    """A network compiled by itself for each size of image, for `hitsr.upscale`."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network
        self.ready: dict[torch.Size, Callable[[torch.Tensor], torch.Tensor]] = {}
        annotate(self, identity(network))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        if image.shape not in self.ready:
            self.ready[image.shape] = compiling.prepare(copy.deepcopy(self.network), image).run
        return self.ready[image.shape](image)


def measure(
    ways: dict[Variant, Upscale], network: str, work: list[tuple[str, Path]], device: torch.device
) -> list[dict]:
    """PSNR (dB) and time (ms) of every image in every way, one after the other per image."""
    rows = []
    for number, (test_set, path) in enumerate(progress(work, desc=f"{network} x{SCALE}", unit="image")):
        high = read_rgb(path)
        low = downscale(high, SCALE)
        if not number:
            for upscale in ways.values():
                upscale(low)
        # in turn from the other end, so that none always comes after the same one
        for way in list(ways)[:: -1 if number % 2 else 1]:
            if way[0] == "compile":
                # the first pass of a size compiles
                ways[way](low)
            found: list[np.ndarray] = []
            elapsed = milliseconds(lambda way=way, low=low, found=found: found.append(ways[way](low)), device)
            backend, precision = way
            where = {
                "network": network,
                "dataset": test_set,
                "image": path.stem,
                "backend": backend,
                "precision": precision,
            }
            rows.append({**where, "quantity": "psnr", "unit": "dB", "value": psnr_y(found[0], high, SCALE)})
            rows.append({**where, "quantity": "time", "unit": "ms", "value": elapsed})
    return rows


def table(rows: list[dict]) -> str:
    """Markdown: one row per network, way and test set, against float32 in PyTorch."""
    values: dict[tuple, dict[str, dict[str, float]]] = {}
    for row in rows:
        key = row["network"], row["dataset"], row["backend"], row["precision"]
        values.setdefault(key, {}).setdefault(row["quantity"], {})[row["image"]] = row["value"]
    headers = ["Network", "Test set", "Images", "Back-end", "Precision", "PSNR (dB)", "mean change", "worst change"]
    lines = []
    for (network, test_set, *way), found in sorted(values.items(), key=lambda item: _place(*item[0])):
        psnr, reference = found["psnr"], values[network, test_set, *REFERENCE]
        start = [network, test_set, str(len(psnr)), *way, f"{statistics.mean(psnr.values()):.4f}"]
        if tuple(way) == REFERENCE:
            lines.append([*start, "–", "–", "1"])
            continue
        changes = [psnr[image] - reference["psnr"][image] for image in psnr]
        ratio = statistics.median(reference["time"][image] / found["time"][image] for image in psnr)
        lines.append([*start, f"{statistics.mean(changes):+.4f}", f"{max(changes, key=abs):+.4f}", f"{ratio:.2f}×"])
    return markdown([*headers, "time of the reference / time"], lines, texts=5)


def _place(network: str, test_set: str, backend: str, precision: str) -> tuple[int, ...]:
    """Where a row stands: the reference of each network and test set before the others."""
    orders = ((NETWORKS, network), (list(TEST_SETS), test_set), (BACKENDS, backend), (list(PRECISIONS), precision))
    return tuple(names.index(name) for names, name in orders)


def main() -> None:
    shared = ROOT / os.environ.get("HITSR_SHARED", "../shared")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    help_shared = "(default: in the folder that HITSR_SHARED names, or ../shared)"
    parser.add_argument("--weights", type=Path, default=shared / "weights", help=f"folder of weights {help_shared}")
    parser.add_argument("--data", type=Path, default=shared / "data", help=f"folder of images {help_shared}")
    parser.add_argument("--network", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--set", nargs="+", default=["Set5", "Set14"], choices=TEST_SETS, help="default: Set5 Set14")
    parser.add_argument("--backend", nargs="+", default=list(BACKENDS[:3]), choices=BACKENDS, help="eager always runs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/precision.json"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    watch, device = Stopwatch(), choose_device(arguments.device)
    work = [(name, path) for name in arguments.set for path in list_images(arguments.data / TEST_SETS[name])]
    rows, files = [], {}
    for network in arguments.network:
        weights = find(network, SCALE, arguments.weights)
        if weights is None:
            raise CheckpointError(
                f"{arguments.weights}: has no weights of {network} x{SCALE}; name their folder by --weights"
            )
        files[network] = {"file": weights.name, "sha256": hashlib.sha256(weights.read_bytes()).hexdigest()}
        ways = variants(weights, network, arguments.backend, device, arguments.threads)
        rows += measure(ways, network, work, device)
    modules = ["hitsr.restore.inference", "hitsr.measure.quality", "hitsr.export.onnx_graph", "hitsr.export.runtimes"]
    settings = {"sets": arguments.set, "backends": arguments.backend, "threads": arguments.threads}
    provenance = watch.provenance(
        config_digest=digest(settings),
        source_digest=source_digest(*modules, *map(network_module, arguments.network)),
        device=device.type,
        threads=arguments.threads,
    )
    record = {"kind": "benchmark", "scale": SCALE, "weights": files, "rows": rows, "provenance": provenance}
    write_record(arguments.output, record)
    print(table(rows))
    print(f"written: {arguments.output}")


if __name__ == "__main__":
    checkout.run(main)
