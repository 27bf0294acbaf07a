"""Whether training waits for its input: patches per second that packed images give, against what a training step takes.

Decoding the PNG files for every batch, as training code without packed images does, stands beside it. All with one
CPU thread; steps by `hitsr.measure.time.rounds`, on batches of 4 patches of 64x64 at x2.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

import hitsr
from hitsr.atomic import write_json
from hitsr.data.images import read_rgb
from hitsr.data.layout import hr_path, lr_path
from hitsr.data.patches import PatchSampler
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.data.prepare import prepare
from hitsr.measure.time.rounds import Contestant, Setting, measure
from hitsr.results.provenance import Stopwatch

SCALE, PATCH, PAPER_BATCH = 2, 64, 64
ROUNDS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=hitsr.methods(), help="may be repeated; default: all")
    parser.add_argument("--data", type=Path, help="folder of images; default: the embedded photographs")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"), help="of the training step")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/training-input.json"))
    arguments = parser.parse_args()
    watch = Stopwatch()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        source = {"folder": str(arguments.data)} if arguments.data else {"photographs": list(PHOTOGRAPHS)}
        prepare(source, "images", SCALE, Path(folder))
        given = {"packed": packed(Path(folder)), "decoded": decoded(Path(folder))}
    rows = [
        {"variant": name, "quantity": "samples_given", "unit": "1/s", "value": rate} for name, rate in given.items()
    ]
    for method in arguments.method or hitsr.methods():
        setting = Setting(SCALE, 1, 3, 1, arguments.device, "training")
        measured = measure([Contestant(method, method, {}, "fast")], setting, [(PATCH, PATCH)])
        step = next(row["value"] for row in measured if row["quantity"] == "latency_median")
        rate = setting.batch / step * 1000
        rows.append({"method": method, "quantity": "samples_taken", "unit": "1/s", "value": rate})
    provenance = watch.provenance(config_digest="", source_digest="", device=arguments.device)
    write_json(arguments.output, {"kind": "benchmark", "rows": rows, "provenance": provenance})
    print(table(rows))


def packed(folder: Path) -> float:
    """Patches per second of the batches that training uses."""
    sampler = PatchSampler(folder, SCALE, PATCH, PAPER_BATCH, seed=0)
    return PAPER_BATCH / seconds(sampler.batch)


def decoded(folder: Path) -> float:
    """Patches per second if both files of each patch are decoded for it."""
    sampler = PatchSampler(folder, SCALE, PATCH, 4, seed=0)
    names = sampler.low.names

    def batch(iteration: int) -> None:
        for place in range(4):
            name = names[(4 * iteration + place) % len(names)]
            read_rgb(lr_path(folder, SCALE, name))
            read_rgb(hr_path(folder, name))
        sampler.batch(iteration)

    return 4 / seconds(batch)


def seconds(batch: Callable[[int], object]) -> float:
    """Median time of a batch, after an untimed one."""
    batch(0)
    times = []
    for iteration in range(1, ROUNDS + 1):
        start = time.perf_counter()
        batch(iteration)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def table(rows: list[dict]) -> str:
    """Markdown: what each network takes, and how many times that is given."""
    given = {row["variant"]: row["value"] for row in rows if row["quantity"] == "samples_given"}
    lines = [
        f"Patches per second given: packed {given['packed']:,.0f}, decoding PNG files {given['decoded']:,.1f}\n",
        "| Method | taken (patches/s) | packed: given / taken | decoding: given / taken |",
        "|:--|--:|--:|--:|",
    ]
    for row in rows:
        if row["quantity"] == "samples_taken":
            packed, decoded = (given[name] / row["value"] for name in ("packed", "decoded"))
            lines.append(f"| {row['method']} | {row['value']:.2f} | {packed:,.0f}× | {decoded:.1f}× |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
