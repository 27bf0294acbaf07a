"""Time and memory of the networks on a GPU, for a 1280x720 image: implementations, number formats, back-ends.

Each network runs in a process of its own (`hitsr.measure.time`); a HiT network, the network that it converts, and all
implementations of both take turns in one part, so that every ratio is of interleaved rounds. The output file is written
after each part. What it holds from the same source and settings is not measured again, so a run that was ended goes on;
a part is a scale, a number format, a family and a back-end. What runs out of memory, does not compile or cannot be
captured has its reason in the table, and the rest goes on.

`reference` is the published code. `fixed_size` is the same with the masks of window attention made once instead of in
every layer of every pass; networks without such masks have no row of it, and the ratio takes their `reference`.

  gpu.py                                                everything, x2 first; the reference implementation too
  gpu.py --scale 2 --method HiT-SIR --method SwinIR-Light --precision float32
  gpu.py --implementation optimized --backend eager compile cudagraph
  gpu.py --device cpu --image 64x48 --repeats 1         to try the script out without a GPU
"""

import argparse
import csv
from pathlib import Path

import checkout
from measured import failures, markdown, memory_cell, of_fixed_size, ratio_cell, time_cell, values

from hitsr.catalogs import FOLDER
from hitsr.measure.time import backends
from hitsr.measure.time.campaign import Campaign, size_of
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.networks.registry import methods, networks

IMPLEMENTATIONS = ("optimized", "fixed_size", "reference")
PRECISIONS = ("float32", "tf32", "bfloat16")
PRINTED = FOLDER / "published/efficiency_x2.csv"
"""Runtimes that the paper prints: x2, 1280x720, A100."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=networks(), help="may be repeated; default: all")
    parser.add_argument("--scale", type=int, nargs="+", default=[2, 3, 4], choices=(2, 3, 4))
    parser.add_argument("--implementation", nargs="+", default=list(IMPLEMENTATIONS), choices=IMPLEMENTATIONS)
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, help="default: all that the device has")
    parser.add_argument("--backend", nargs="+", default=["eager"], choices=backends.names(), help="default: eager")
    parser.add_argument("--image", default="1280x720", metavar="WIDTHxHEIGHT", help="size of the super-resolved image")
    parser.add_argument("--repeats", type=int, default=20, help="timed rounds (default: 20)")
    parser.add_argument("--warm-up", type=int, default=5, help="untimed rounds before them (default: 5)")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu: to try the script out")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/gpu.json"))
    arguments = parser.parse_args()
    campaign = Campaign(arguments.output, arguments.device)
    for scale in arguments.scale:
        for precision in arguments.precision or [p for p in PRECISIONS if p != "tf32" or arguments.device != "cpu"]:
            for family in families(arguments.method or networks()):
                for backend in arguments.backend:
                    measure(campaign, family, scale, precision, backend, arguments)
    print(f"\nwritten: {arguments.output}")


def measure(
    campaign: Campaign, family: list[str], scale: int, precision: str, backend: str, arguments: argparse.Namespace
) -> None:
    """One part, and its table."""
    contestants = [
        Contestant(method, method, {}, implementation, backend)
        for implementation in arguments.implementation
        for method in family
    ]
    setting = Setting(scale, arguments.warm_up, arguments.repeats, 1, arguments.device, precision)
    width, height = size_of(arguments.image)
    name = f"x{scale} {precision} {arguments.image} {' '.join(family)} {backend} {' '.join(arguments.implementation)}"
    # 427x240 for 1280x720 at x3
    part = campaign.part(name, contestants, setting, [(-(-width // scale), -(-height // scale))])
    of_paper = scale == 2 and arguments.image == "1280x720"
    print("\n".join(["", name, "", table(part, family, of_paper), *failures(part)]), flush=True)


def families(chosen: list[str]) -> list[list[str]]:
    """Networks with those that they convert or compete with, where both are chosen."""
    baselines = {name: methods()[name]["baseline"] for name in chosen}
    bases = [name for name in chosen if name in baselines.values()]
    found = [[base, *(name for name in chosen if baselines[name] == base)] for base in bases]
    grouped = {name for family in found for name in family}
    return [*found, *([name] for name in chosen if name not in grouped)]


def table(part: dict, family: list[str], of_paper: bool) -> str:
    """A row per implementation, back-end and network; ratios are of the family's first network to the row's."""
    printed = _printed() if of_paper else {}
    found = values(part)
    headers = ["Network", "Implementation", "Back-end", "ms (10–90 %)", "MiB", f"{family[0]} / it", "paper"]
    rows = []
    for implementation, backend in dict.fromkeys(key[1:] for key in found):
        base = of_fixed_size(found, family[0], implementation, backend)
        for method in family:
            own = of_fixed_size(found, method, implementation, backend)
            if own:
                others = method != family[0]
                ratio = ratio_cell(base, own, "latency_median") if others else "–"
                paper = f"{printed[family[0]] / printed[method]:.1f}×" if others and method in printed else "–"
                rows.append([method, implementation, backend, time_cell(own), memory_cell(own), ratio, paper])
    return markdown(headers, rows, texts=3)


def _printed() -> dict[str, float]:
    with PRINTED.open(encoding="utf-8") as file:
        return {line["method"]: float(line["runtime_ms_a100"]) for line in csv.DictReader(file)}


if __name__ == "__main__":
    checkout.run(main)
