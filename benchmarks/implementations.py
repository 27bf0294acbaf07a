"""Reference against optimized implementation of every network: time and peak memory of a pass, as ratios.

Each network runs in a process of its own with fresh weights, in interleaved rounds (`hitsr.measure.time`), in training
one network after another; what the processes do with freed memory is the same for all. What the output file holds from
the same source and settings is not measured again, so a run that was ended goes on.

  implementations.py                                    LR 160x90 and 320x180, x2, all networks that have both
  implementations.py --input 640x360 --method HiT-SIR   another size, one network
  implementations.py --training                         also a training step of 4 patches of 64x64, optimized with and
                                                        without activation checkpointing
  implementations.py --input --training                 the training step alone
  implementations.py --system-allocator                 with memory given back to the system after each tensor
  implementations.py --keep-pages                       with glibc keeping all freed memory
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import checkout
from measured import Values, failures, markdown, memory_cell, ratio_cell, time_cell, values

import hitsr
from hitsr.measure.time.campaign import Campaign, size_of
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.networks.registry import networks
from hitsr.optimized.checkpointing import checkpoint_activations

BOTH = ("reference", "optimized")
TRAINING = "training 64x64"
CHECKPOINTED = ", checkpointed"
"""Added to the name of a network whose layers make activations again in the backward pass, as the key of training."""
OF = ": "
"""Between a network and the name of a part that is of this network alone."""
KEPT_PAGES = {"MALLOC_MMAP_THRESHOLD_": str(2**40), "MALLOC_TRIM_THRESHOLD_": str(2**40), "MALLOC_TOP_PAD_": str(2**26)}
"""What makes glibc keep all freed memory for the next tensor."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=networks(), help="may be repeated; default: all")
    parser.add_argument("--input", nargs="*", default=["160x90", "320x180"], metavar="WIDTHxHEIGHT", help="LR sizes")
    parser.add_argument("--training", action="store_true", help="also a training step of 4 patches of 64x64")
    memory = parser.add_mutually_exclusive_group()
    memory.add_argument("--system-allocator", action="store_true", help="do not keep freed memory of up to 32 MiB")
    memory.add_argument("--keep-pages", action="store_true", help="keep all freed memory, whatever its size")
    parser.add_argument("--scale", type=int, default=2, choices=(2, 3, 4))
    parser.add_argument("--repeats", type=int, default=5, help="timed rounds (default: 5)")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default: 1)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="cpu", help="default: cpu")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/implementations.json"))
    arguments = parser.parse_args()
    if arguments.keep_pages:
        os.environ.update(KEPT_PAGES)
    campaign = Campaign(arguments.output, arguments.device)
    methods = arguments.method or networks()
    for size in arguments.input:
        measure(campaign, size, methods, arguments)
    for method in methods if arguments.training else []:
        # processes wait for their turns with gigabytes in hand, so networks do not take turns
        measure(campaign, TRAINING, [method], arguments)
    draw(titled(campaign.parts), arguments.output)


def measure(campaign: Campaign, work: str, methods: Sequence[str], arguments: argparse.Namespace) -> None:
    """One size, or the training step of a network, and its table."""
    task = "training" if work == TRAINING else "forward"
    size = size_of(work.removeprefix("training "))
    conditions = {"task": task, "keep_pages": not arguments.system_allocator}
    setting = Setting(arguments.scale, 0, arguments.repeats, arguments.threads, arguments.device, **conditions)
    contestants = [Contestant(m, m, {}, each) for m in methods for each in BOTH]
    if task == "training":
        able = [m for m in methods if checkpoint_activations(hitsr.build(m, arguments.scale))]
        contestants += [Contestant(f"{m}{CHECKPOINTED}", m, {}, activation_checkpointing=True) for m in able]
    memory = ", all pages kept" if arguments.keep_pages else ", no pages kept" if arguments.system_allocator else ""
    name = f"x{arguments.scale} {work}{memory}"
    if task == "training":
        name = f"{methods[0]}{OF}{name}"
    part = campaign.part(name, contestants, setting, [size])
    print("\n".join(["", name, "", table(values(part)), *failures(part)]), flush=True)


def titled(parts: Mapping[str, dict]) -> dict[str, Values]:
    """The values of the parts that are named alike but for the network that they are of."""
    found: dict[str, Values] = {}
    for name, part in parts.items():
        found.setdefault(name.rpartition(OF)[2], {}).update(values(part))
    return found


def table(found: Values) -> str:
    """One row per network with both implementations: each, and the ratio."""
    headers = ["Network", *(f"{each} (ms)" for each in BOTH), "ratio", *(f"{each} (MiB)" for each in BOTH), "ratio"]
    rows = []
    for method, (reference, optimized) in _pairs(found).items():
        times, memories = ([cell(each) for each in (reference, optimized)] for cell in (time_cell, memory_cell))
        ratios = [ratio_cell(reference, optimized, quantity) for quantity in ("latency_median", "peak_memory")]
        rows.append([method, *times, ratios[0], *memories, ratios[1]])
    return markdown(headers, rows)


def _pairs(found: Values) -> dict[str, tuple[dict, dict]]:
    """Reference and optimized implementation of each network that has both; a checkpointed one has the reference's."""
    pairs = {}
    for method in dict.fromkeys(method for method, *_ in found):
        reference = found.get((method.removesuffix(CHECKPOINTED), "reference", "eager"))
        optimized = found.get((method, "optimized", "eager"))
        if reference and optimized:
            pairs[method] = reference, optimized
    return pairs


def draw(tables: Mapping[str, Values], path: Path) -> None:
    """Bars beside `path` of how many times faster, and with how much less memory, the optimized implementation is."""
    from matplotlib import pyplot as plt

    from hitsr.report.drawing.style import WIDTH, save

    parts = {name: _pairs(found) for name, found in tables.items()}
    methods = list(dict.fromkeys(method for found in parts.values() for method in found))
    if not methods:
        return
    figure, panels = plt.subplots(1, 2, figsize=(WIDTH, 0.7 + 0.16 * len(methods) * len(parts)), sharey=True)
    height = 0.84 / len(parts)
    quantities = {"latency_median": "times faster", "peak_memory": "times less memory"}
    for axes, (quantity, title) in zip(panels, quantities.items(), strict=True):
        for number, (part, found) in enumerate(parts.items()):
            places = [i + (number - (len(parts) - 1) / 2) * height for i in range(len(methods))]
            ratios = {
                method: reference[quantity] / optimized[quantity]
                for method, (reference, optimized) in found.items()
                if reference.get(quantity) and optimized.get(quantity)
            }
            bars = axes.barh(places, [ratios.get(method, 0) for method in methods], height, label=part)
            labels = [f"{ratios[method]:.1f}" if method in ratios else "" for method in methods]
            axes.bar_label(bars, labels, padding=2, size=6)
        axes.axvline(1, color="black", linewidth=0.8)
        axes.set_xscale("log")
        axes.set(xlabel=title, ylim=(len(methods) - 0.5, -0.5), xlim=(0.5, axes.get_xlim()[1] * 1.5))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.grid(axis="y", visible=False)
    panels[0].set_yticks(range(len(methods)), methods)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    save(figure, path.parent, path.stem)


if __name__ == "__main__":
    checkout.run(main)
