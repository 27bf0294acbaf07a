"""Published against fast formulation: time and peak memory of forward passes and of a training step, as ratios.

Every network runs in a process of its own, interleaved, with full-size networks and fresh weights. Parts that the
output file holds already are not measured again, so a run that was killed goes on.
"""

import argparse
import os
from pathlib import Path

import hitsr
from hitsr.atomic import write_json
from hitsr.measure.time.rounds import Contestant, Setting, measure
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import IMPLEMENTATIONS, read_json

FORMULATIONS = ("plain", "fast")
ENDS = ("p10", "p90")
TRAINING = "training 64x64"
KEPT_PAGES = {"MALLOC_MMAP_THRESHOLD_": str(2**40), "MALLOC_TRIM_THRESHOLD_": str(2**40), "MALLOC_TOP_PAD_": str(2**26)}
"""What makes glibc keep all freed memory for the next tensor, also in published code."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=hitsr.methods(), help="may be repeated; default: all")
    parser.add_argument("--input", nargs="+", default=["160x90", "320x180"], metavar="WIDTHxHEIGHT", help="LR sizes")
    parser.add_argument("--training", action="store_true", help="also a training step of 4 patches of 64x64")
    parser.add_argument("--keep-pages", action="store_true", help="tell glibc to keep freed memory, for all alike")
    parser.add_argument("--scale", type=int, default=2, choices=(2, 3, 4))
    parser.add_argument("--repeats", type=int, default=5, help="timed rounds, after one untimed pass")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/formulations.json"))
    arguments = parser.parse_args()
    if arguments.keep_pages:
        os.environ.update(KEPT_PAGES)
    record = read_json(arguments.output) if arguments.output.exists() else {"kind": "benchmark", "parts": {}}
    for work in [*arguments.input, *([TRAINING] if arguments.training else [])]:
        part = f"{work}, pages kept" if arguments.keep_pages else work
        if part not in record["parts"]:
            record["parts"][part] = measured(work, arguments)
            write_json(arguments.output, record)
        print(f"\n{part}\n\n{table(record['parts'][part]['rows'])}", flush=True)
    draw(record, arguments.output)


def measured(work: str, arguments: argparse.Namespace) -> dict:
    """Rows of time and memory of both formulations of every method, and what made them."""
    watch = Stopwatch()
    methods = arguments.method or hitsr.methods()
    task = "training" if work == TRAINING else "forward"
    size = tuple(map(int, work.removeprefix("training ").split("x")))
    setting = Setting(arguments.scale, 0, arguments.repeats, arguments.threads, "cpu", task)
    # a training step takes gigabytes, which the processes of all networks together do not have
    groups = [[method] for method in methods] if task == "training" else [methods]
    rows = []
    for group in groups:
        contestants = [Contestant(m, m, {}, formulation) for m in group for formulation in FORMULATIONS]
        rows += measure(contestants, setting, [size])
    if arguments.keep_pages:
        # the untimed pass has left behind what the measured one needs
        rows = [row for row in rows if row["quantity"] != "peak_memory"]
    settings = {key: value for key, value in vars(arguments).items() if key != "output"}
    return {
        "rows": rows,
        "settings": settings,
        "provenance": watch.provenance(config_digest="", source_digest="", threads=arguments.threads),
    }


def table(rows: list[dict]) -> str:
    """Markdown: one row per method, published, fast and ratio; the spread is from the 10th to the 90th percentile."""
    values = {(row["method"], row["implementation"], row["quantity"]): row["value"] for row in rows}
    quantities = [q for q in ("latency_median", "peak_memory") if any(key[2] == q for key in values)]
    headers = ["Method"]
    for unit in ("ms", "MiB")[: len(quantities)]:
        headers += [f"plain ({unit})", f"fast ({unit})", "ratio"]
    lines = [f"| {' | '.join(headers)} |", f"|:--|{'--:|' * (len(headers) - 1)}"]
    for method in dict.fromkeys(row["method"] for row in rows):
        cells = []
        for quantity in quantities:
            both = [values[method, name, quantity] for name in IMPLEMENTATIONS.values()]
            texts = [f"{value:,.0f}" for value in both]
            if quantity == "latency_median":
                ends = [[values[method, f, f"latency_{end}"] for end in ENDS] for f in IMPLEMENTATIONS.values()]
                texts = [f"{text} ({low:,.0f}–{high:,.0f})" for text, (low, high) in zip(texts, ends, strict=True)]
            cells += [*texts, f"{both[0] / both[1]:.1f}×"]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(record: dict, path: Path) -> None:
    """Bars beside `path` of how many times faster, and with how much less memory, the fast formulation is."""
    from matplotlib import pyplot as plt

    from hitsr.report.figures.style import WIDTH, save

    ratios = {part: _ratios(content["rows"]) for part, content in record["parts"].items()}
    methods = list(dict.fromkeys(method for found in ratios.values() for method, _ in found))
    figure, panels = plt.subplots(1, 2, figsize=(WIDTH, 0.7 + 0.16 * len(methods) * len(ratios)), sharey=True)
    height = 0.84 / len(ratios)
    quantities = {"latency_median": "times faster", "peak_memory": "times less memory"}
    for axes, (quantity, title) in zip(panels, quantities.items(), strict=True):
        for number, (part, found) in enumerate(ratios.items()):
            places = [i + (number - (len(ratios) - 1) / 2) * height for i in range(len(methods))]
            values = [found.get((method, quantity), 0) for method in methods]
            bars = axes.barh(places, values, height, label=part)
            axes.bar_label(bars, [f"{value:.1f}" if value else "" for value in values], padding=2, size=6)
        axes.axvline(1, color="black", linewidth=0.8)
        axes.set_xscale("log")
        axes.set(xlabel=title, ylim=(len(methods) - 0.5, -0.5), xlim=(0.5, axes.get_xlim()[1] * 1.5))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.grid(axis="y", visible=False)
    panels[0].set_yticks(range(len(methods)), methods)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    save(figure, path.parent, path.stem)


def _ratios(rows: list[dict]) -> dict[tuple[str, str], float]:
    """Published over fast, by method and quantity."""
    values = {(row["method"], row["implementation"], row["quantity"]): row["value"] for row in rows}
    return {
        (method, quantity): value / values[method, "optimized", quantity]
        for (method, formulation, quantity), value in values.items()
        if formulation == "reference" and not quantity.startswith("latency_p")
    }


if __name__ == "__main__":
    main()
