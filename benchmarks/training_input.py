"""Whether training waits for its input: patches per second that packed images give, against what a training step takes.

Decoding the PNG files for every batch, as training code without packed images does, stands beside it. All with one
CPU thread; steps on batches of 4 patches of 64x64 at x2, with fresh weights (`hitsr.measure.time`).

  training_input.py                                  the embedded photographs, steps on the CPU
  training_input.py --data FOLDER --device cuda      other images, steps on a GPU
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import checkout
import torch
from measured import markdown

from hitsr.data.images import read_rgb
from hitsr.data.layout import hr_path, lr_path
from hitsr.data.patches import PatchSampler
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.data.prepare import prepare
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.record import origin
from hitsr.measure.time.run import timed
from hitsr.measure.time.timer import milliseconds
from hitsr.networks.registry import networks
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import write_record

SCALE, PATCH, PAPER_BATCH = 2, 64, 64
ROUNDS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=networks(), help="may be repeated; default: all")
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
    methods = arguments.method or networks()
    contestants = [Contestant(method, method, {}) for method in methods]
    setting = Setting(SCALE, 1, 3, 1, arguments.device, task="training")
    size = (PATCH, PATCH)
    found = timed(contestants, setting, [size])
    for method, result in zip(methods, found.results, strict=True):
        if result.times:
            rate = setting.batch / statistics.median(result.times[size]) * 1000
            rows.append({"method": method, "quantity": "samples_taken", "unit": "1/s", "value": rate})
    provenance = watch.provenance(
        **origin(contestants, setting, [size]), device=found.device, threads=1, numerics=found.numerics
    )
    write_record(arguments.output, {"kind": "benchmark", "rows": rows, "provenance": provenance})
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
    cpu = torch.device("cpu")
    return statistics.median(milliseconds(partial(batch, number), cpu) for number in range(1, ROUNDS + 1)) / 1000


def table(rows: list[dict]) -> str:
    """Markdown: what each network takes, and how many times that is given."""
    given = {row["variant"]: row["value"] for row in rows if row["quantity"] == "samples_given"}
    rates = (row["value"] for row in rows if row["quantity"] == "samples_taken")
    names = (row["method"] for row in rows if row["quantity"] == "samples_taken")
    headers = ["Method", "taken (patches/s)", "packed: given / taken", "decoding: given / taken"]
    lines = [
        [name, f"{rate:.2f}", f"{given['packed'] / rate:,.0f}×", f"{given['decoded'] / rate:.1f}×"]
        for name, rate in zip(names, rates, strict=True)
    ]
    title = f"Patches per second given: packed {given['packed']:,.0f}, decoding PNG files {given['decoded']:,.1f}"
    return f"{title}\n\n{markdown(headers, lines)}"


if __name__ == "__main__":
    checkout.run(main)
