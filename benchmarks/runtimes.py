"""Where the speed-up of the HiT networks comes from, on a CPU: network x implementation x runtime x number format.

The published code, the same with its masks made once, and the optimized layers run in PyTorch; the optimized algebra
also compiled, and exported to ONNX Runtime and OpenVINO. All networks of a part take turns, each in a process of its
own (`hitsr.measure.time`), with as many threads, the same allocator and the same image: once with freed memory given
back to the system ("as it comes"), once kept. What the output file holds from the same source and settings is not
measured again, so a run that was ended goes on. Nothing else should run meanwhile.

  runtimes.py                                         HiT-SIR and SwinIR-Light, x2, LR 160x90 and 320x180, one thread
  runtimes.py --method HiT-SRF --method SRFormer-Light --input 160x90
  runtimes.py --backend eager openvino --threads 1 2  scaling with threads
"""

import argparse
import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import checkout
import torch
from implementations import KEPT_PAGES
from measured import failures, markdown, memory_cell, values
from speedup import Step, by_others, draw
from speedup import table as steps_table

import hitsr
from hitsr.analysis.timings import Rounds, ratio
from hitsr.export.graph import graph_form
from hitsr.measure.count.counters import by_torch
from hitsr.measure.time import backends
from hitsr.measure.time.campaign import Campaign, size_of
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.limits import limits
from hitsr.networks.registry import methods, networks
from hitsr.results.fingerprints import source_digest
from hitsr.results.provenance import Stopwatch, digest
from hitsr.results.records import write_record

DEFAULT = ("HiT-SIR", "SwinIR-Light")
BACKENDS = ("eager", "compile", "onnxruntime", "openvino")
SCALE = 2
AS_IT_COMES, KEPT = "as it comes", "pages kept"
STEPS = (
    (AS_IT_COMES, "float32", "reference", "eager", "published code"),
    (AS_IT_COMES, "float32", "fixed_size", "eager", "masks made once"),
    (KEPT, "float32", "fixed_size", "eager", "and pages kept"),
    (KEPT, "float32", "optimized", "eager", "optimized layers"),
    (KEPT, "float32", "optimized", "compile", "compiled"),
    (KEPT, "float32", "optimized", "onnxruntime", "in ONNX Runtime"),
    (KEPT, "float32", "optimized", "openvino", "in OpenVINO"),
    (KEPT, "bfloat16", "optimized", "openvino", "and in bfloat16"),
)
"""Allocator, number format, implementation and back-end, and what the row of the figure is called."""


@dataclass(frozen=True)
class Condition:
    """Under what a part is measured."""

    input: str
    pages: str
    precision: str
    threads: int

    @property
    def name(self) -> str:
        return f"x{SCALE} {self.input} {self.precision} {self.pages} {self.threads} threads"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=networks(), help=f"may be repeated; default: {DEFAULT}")
    parser.add_argument("--input", nargs="+", default=["160x90", "320x180"], metavar="WIDTHxHEIGHT", help="LR sizes")
    parser.add_argument("--backend", nargs="+", default=list(BACKENDS), choices=backends.names())
    parser.add_argument("--precision", nargs="+", default=["float32", "bfloat16"], choices=("float32", "bfloat16"))
    parser.add_argument("--threads", nargs="+", type=int, default=[1], help="of the CPU (default: 1)")
    parser.add_argument("--repeats", type=int, default=5, help="timed rounds (default: 5)")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/runtimes.json"))
    arguments = parser.parse_args()
    chosen = arguments.method or list(DEFAULT)
    campaign = Campaign(arguments.output, "cpu")
    for threads in arguments.threads:
        peak = most(arguments.output, threads)
        for condition in conditions(arguments, threads):
            part = measure(campaign, condition, chosen, arguments)
            counted = {method: multiply_adds(method, condition.input) for method in chosen}
            lines = ["", condition.name, "", table(part, condition, counted, peak), "", against_base(part, chosen)]
            print("\n".join([*lines, *failures(part)]), flush=True)
    show(campaign, chosen, arguments)
    if len(arguments.threads) > 1 and "float32" in arguments.precision:
        for size in arguments.input:
            print(f"\nx{SCALE}, LR {size}, pages kept\n\n{scaling(campaign.parts, size, arguments.threads)}")


def conditions(arguments: argparse.Namespace, threads: int) -> Iterator[Condition]:
    """bfloat16 with pages kept only: published code runs in float32."""
    for precision in arguments.precision:
        for size in arguments.input:
            for pages in (AS_IT_COMES, KEPT) if precision == "float32" else (KEPT,):
                yield Condition(size, pages, precision, threads)


def measure(campaign: Campaign, condition: Condition, chosen: list[str], arguments: argparse.Namespace) -> dict:
    """One part."""
    published = ("reference", "fixed_size") if condition.precision == "float32" else ()
    contestants = [Contestant(method, method, {}, each) for each in published for method in chosen]
    contestants += [Contestant(method, method, {}, backend=b) for b in arguments.backend for method in chosen]
    kept = condition.pages == KEPT
    setting = Setting(
        SCALE, 1, arguments.repeats, condition.threads, "cpu", condition.precision, keep_pages=kept
    )  # fmt: skip
    before = dict(os.environ)
    os.environ.update(KEPT_PAGES if kept else {})
    try:
        return campaign.part(condition.name, contestants, setting, [size_of(condition.input)])
    finally:
        for key in KEPT_PAGES:
            os.environ.pop(key, None)
        os.environ.update({key: before[key] for key in KEPT_PAGES if key in before})


def most(output: Path, threads: int) -> dict[str, float]:
    """What these cores can do at most, kept beside the timings."""
    watch, found = Stopwatch(), limits(threads)
    digests = {"config_digest": digest([threads]), "source_digest": source_digest("hitsr.measure.time.limits")}
    record = {
        "kind": "benchmark",
        "limits": found,
        "provenance": watch.provenance(**digests, device="cpu", threads=threads),
    }
    path = output.with_name(f"{output.stem}-limits-{threads}.json")
    write_record(path, record)
    print(
        f"\n{threads} thread(s) at most: {found['matmul']:.0f} G multiply-adds/s in matrix products, "
        f"{found['convolution']:.0f} in convolutions; {found['memory']:.1f} GB/s"
    )
    return found


def multiply_adds(method: str, size: str) -> dict[str, int]:
    """Of the products and convolutions of a pass, as published and re-associated."""
    width, height = size_of(size)
    image = torch.zeros(1, 3, height, width)
    published = hitsr.build(method, SCALE, implementation="reference").eval()
    return {"published": by_torch(published, image).macs, "optimized": by_torch(graph_form(published), image).macs}


def rounds(part: dict) -> dict[tuple[str, str, str], Rounds]:
    """Milliseconds of every network by method, implementation and back-end."""
    found = {}
    for each in part["rounds"]:
        key = each["method"], each["implementation"], each["backend"]
        asked = {f"{key[0]} ({name}, {key[2]})" for name in (key[1], "optimized")}
        group = next((n for n, members in enumerate(part["groups"]) if asked.intersection(members)), None)
        found[key] = Rounds(tuple(each["milliseconds"]), group)
    return found


def ratio_text(above: Rounds | None, below: Rounds | None) -> str:
    """The ratio with its interval over the rounds."""
    if above is None or below is None:
        return "–"
    found = ratio(above, below)
    if found is None:
        return "fewer than 5 rounds"
    low, high = found.interval()
    return f"{found.value:.2f}× ({low:.2f}–{high:.2f})"


def table(part: dict, condition: Condition, counted: dict[str, dict[str, int]], peak: dict[str, float]) -> str:
    """A row per network, implementation and back-end, against its published code in the same rounds."""
    found, timed = values(part), rounds(part)
    headers = ["Method", "Implementation", "Back-end", "Precision", "Seconds", "published / it", "Memory (MiB)"]
    headers += ["G multiply-adds", "of the peak", "load (s)"]
    loads = {(e["method"], e["implementation"], e["backend"]): e["preparation"] for e in part["rounds"]}
    rows = []
    for key in sorted(found, key=lambda key: (list(counted).index(key[0]), -found[key]["latency_median"])):
        method, implementation, backend = key
        seconds = found[key]["latency_median"] / 1000
        macs = counted[method]["optimized" if implementation == "optimized" else "published"] / 1e9
        reference = timed.get((method, "reference", "eager"))
        rows.append(
            [
                method,
                implementation,
                backend,
                condition.precision,
                f"{seconds:.3f}",
                ratio_text(reference, timed[key]),
                memory_cell(found[key]),
                f"{macs:.1f}",
                f"{macs / seconds / peak['matmul']:.0%}",
                f"{loads[key].get('preparation_s', 0):.1f}",
            ]
        )
    return markdown(headers, rows, texts=4)


def against_base(part: dict, chosen: list[str]) -> str:
    """How many times faster a HiT network is than the network that it converts, in each implementation and back-end."""
    timed, rows = rounds(part), []
    for method, base in pairs(chosen):
        for implementation, backend in dict.fromkeys(key[1:] for key in timed):
            above = of(timed, base, implementation, backend)
            below = of(timed, method, implementation, backend)
            if above and below:
                rows.append([f"{base} / {method}", implementation, backend, ratio_text(above, below)])
    return markdown(["Like for like", "Implementation", "Back-end", "ratio"], rows, texts=3) if rows else ""


def pairs(chosen: list[str]) -> list[tuple[str, str]]:
    """Networks with those that they convert, where both are chosen."""
    baselines = {name: methods()[name]["baseline"] for name in chosen}
    return [(name, base) for name, base in baselines.items() if base in chosen]


def of(timed: dict[tuple[str, str, str], Rounds], method: str, implementation: str, backend: str) -> Rounds | None:
    """Rounds of a network; where a fixed size changes nothing, those of its reference."""
    own = timed.get((method, implementation, backend))
    return timed.get((method, "reference", backend)) if own is None and implementation == "fixed_size" else own


def scaling(parts: dict[str, dict], size: str, threads: list[int]) -> str:
    """Seconds in float32 with pages kept by number of threads, and how many times faster the last of them is."""
    found = [values(parts[Condition(size, KEPT, "float32", count).name]) for count in threads]
    rows = []
    for key in found[0]:
        seconds = [each[key]["latency_median"] / 1000 for each in found if key in each]
        if len(seconds) == len(threads):
            rows.append([*key, *(f"{each:.3f}" for each in seconds), f"{seconds[0] / seconds[-1]:.2f}×"])
    headers = ["Method", "Implementation", "Back-end", *(f"{count} thread(s)" for count in threads), "ratio"]
    return markdown(headers, sorted(rows), texts=3)


def show(campaign: Campaign, chosen: list[str], arguments: argparse.Namespace) -> None:
    """Where the speed-up comes from: a table per size, and a figure of the first one beside the file."""
    threads = arguments.threads[0]
    for size in arguments.input:
        found = {(base, method): steps(campaign.parts, base, method, size, threads) for method, base in pairs(chosen)}
        families = {pair: rows for pair, rows in found.items() if any(row.here for row in rows)}
        if not families:
            continue
        what = f"x{SCALE}, LR {size}, {threads} thread(s)"
        print(f"\n{what}\n\n{steps_table(families)}")
        if size == arguments.input[0]:
            draw(families, f"{what}, {campaign.conditions['cpu']}", arguments.output.parent, arguments.output.stem)
            print(f"\nwritten: {arguments.output}, {arguments.output.with_suffix('.png')}")


def steps(parts: dict[str, dict], base: str, method: str, size: str, threads: int) -> list[Step]:
    """What others say of a pair of networks, then what was measured of both."""
    found = by_others(base, method)
    for pages, precision, implementation, backend, title in STEPS:
        part = parts.get(Condition(size, pages, precision, threads).name, {"rounds": [], "groups": []})
        timed = rounds(part)
        both = [of(timed, name, implementation, backend) for name in (base, method)]
        if all(both):
            found.append(Step(title, *(statistics.median(each.milliseconds) for each in both)))
    return found


if __name__ == "__main__":
    checkout.run(main)
