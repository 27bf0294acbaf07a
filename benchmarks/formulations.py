"""Published against fast formulation: time and peak memory of a forward pass or a training step, as ratios."""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

import hitsr
from hitsr.atomic import write_json
from hitsr.latency import Contestant, Setting, measure, reset_peak, resident
from hitsr.progress import progress
from hitsr.provenance import Stopwatch

PATCH, BATCH = 64, 4


def forward(methods: list[str], arguments: argparse.Namespace) -> list[dict]:
    """Rows of latency and memory, both formulations of every method."""
    contestants = [Contestant(m, m, {}, formulation) for m in methods for formulation in ("plain", "fast")]
    size = tuple(arguments.input)
    return measure(contestants, Setting(arguments.scale, size, 1, arguments.repeats, arguments.threads, "cpu"))


def training(methods: list[str], arguments: argparse.Namespace) -> list[dict]:
    """Rows of time and memory of one optimiser step, both formulations of every method."""
    torch.set_num_threads(arguments.threads)
    steps = {(m, f): training_step(m, f, arguments.scale) for m in methods for f in ("plain", "fast")}
    times: dict[tuple[str, str], list[float]] = {key: [] for key in steps}
    for number in progress(range(arguments.repeats + 1), desc="training step", unit="round"):
        for key, step in steps.items():
            start = time.perf_counter()
            step()
            if number:
                times[key].append((time.perf_counter() - start) * 1000)
    rows = []
    for (method, formulation), values in times.items():
        where = {"method": method, "variant": formulation, "input": f"{PATCH}x{PATCH}"}
        rows.append({**where, "quantity": "latency_median", "unit": "ms", "value": statistics.median(values)})
        job = [sys.executable, __file__, "--memory-of", method, formulation, "--scale", str(arguments.scale)]
        done = subprocess.run(job, capture_output=True, text=True, check=True)
        rows.append({**where, "quantity": "peak_memory", "unit": "MiB", "value": float(done.stdout)})
    return rows


def training_step(method: str, formulation: str, scale: int):
    """A function that does one step of Adam on random patches."""
    model = hitsr.build(method, scale, formulation=formulation).train()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad])
    low, high = torch.rand(BATCH, 3, PATCH, PATCH), torch.rand(BATCH, 3, scale * PATCH, scale * PATCH)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        (model(low * model.image_range) / model.image_range - high).abs().mean().backward()
        optimizer.step()

    return step


def step_memory(method: str, formulation: str, scale: int) -> float:
    """Peak resident memory of one training step beyond the model, in MiB."""
    step = training_step(method, formulation, scale)
    reset_peak()
    before = resident("VmRSS")
    step()
    return (resident("VmHWM") - before) / 1024


def table(rows: list[dict]) -> str:
    """Markdown: one row per method, published, fast and ratio."""
    values = {(row["method"], row["variant"], row["quantity"]): row["value"] for row in rows}
    lines = [
        "| Method | plain (ms) | fast (ms) | ratio | plain (MiB) | fast (MiB) | ratio |",
        "|:--|--:|--:|--:|--:|--:|--:|",
    ]
    for method in dict.fromkeys(row["method"] for row in rows):
        cells = []
        for quantity in ("latency_median", "peak_memory"):
            plain, fast = (values[method, formulation, quantity] for formulation in ("plain", "fast"))
            cells += [f"{plain:,.0f}", f"{fast:,.0f}", f"{plain / fast:.1f}×"]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--method", action="append", choices=hitsr.methods(), help="default: all")
    parser.add_argument("--input", type=int, nargs=2, default=[160, 90], metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--training", action="store_true", help="a training step instead of a forward pass")
    parser.add_argument("--memory-of", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        print(step_memory(*arguments.memory_of, arguments.scale))
        return
    watch = Stopwatch()
    methods = arguments.method or hitsr.methods()
    rows = (training if arguments.training else forward)(methods, arguments)
    name = "training" if arguments.training else "forward-{}x{}".format(*arguments.input)
    path = Path("results/benchmarks") / f"{name}.json"
    provenance = watch.provenance(config_digest="", source_digest="")
    write_json(path, {"kind": "benchmark", "arguments": vars(arguments), "rows": rows, "provenance": provenance})
    print(table(rows))
    print(json.dumps({"written": str(path)}))


if __name__ == "__main__":
    main()
