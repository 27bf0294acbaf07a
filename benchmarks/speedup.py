"""Where a speed-up comes from: a HiT network against the one that it converts, as published, then step by step.

Reads what `gpu.py` has written and draws beside it: time of both networks, and their ratio, for every implementation,
back-end and number format that both were measured in, under what the paper prints and others have measured.

  speedup.py results/published/gpu-h100/gpu.json
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import checkout
from measured import Values, markdown, of_fixed_size, values

from hitsr.analysis import published
from hitsr.networks.registry import methods
from hitsr.results.records import read_record

STEPS = (
    ("reference", "eager", "float32", "published code"),
    ("fixed_size", "eager", "float32", "masks made once"),
    ("optimized", "eager", "float32", "optimized layers"),
    ("optimized", "cudagraph", "float32", "and a CUDA graph"),
    ("optimized", "compile_cudagraph", "float32", "and compiled"),
    ("optimized", "compile_cudagraph", "bfloat16", "and in bfloat16"),
)
"""Implementation, back-end, number format, and what the row is called."""


@dataclass(frozen=True)
class Step:
    """One row: ms of a pass of the base network and of the HiT network; `here`: measured by this suite."""

    title: str
    base: float
    converted: float
    here: bool = True


def steps(parts: dict[str, dict], base: str, converted: str) -> list[Step]:
    """What others say, then what was measured at x2."""
    found = by_others(base, converted)
    for implementation, backend, precision, title in STEPS:
        for name, part in parts.items():
            if not name.startswith(f"x2 {precision} 1280x720 "):
                continue
            pair = [_median(values(part), method, implementation, backend) for method in (base, converted)]
            if all(pair):
                found.append(Step(title, *pair))
                break
    return found


def by_others(base: str, converted: str) -> list[Step]:
    """The paper's row, and that of an independent measurement of both networks; at x2, 1280x720 output."""
    found = []
    times = [published.runtime(method, 2) for method in (base, converted)]
    if all(times):
        found.append(Step("printed (A100)", *times, here=False))
    elsewhere = published.measured_elsewhere()
    for source, rows in elsewhere[elsewhere.scale == 2].groupby("source"):
        independent = rows.set_index("method").latency_ms
        if base in independent and converted in independent:
            title = f"measured by {str(source).split(' (')[0]}"
            found.append(Step(title, independent[base], independent[converted], here=False))
    return found


def _median(found: Values, method: str, implementation: str, backend: str) -> float:
    own = of_fixed_size(found, method, implementation, backend)
    return own["latency_median"] if own else 0.0


def table(families: dict[tuple[str, str], list[Step]]) -> str:
    """Markdown: a row per step, a column per family."""
    # what others say comes first, also where the first family lacks it
    every = sorted((row for rows in families.values() for row in rows), key=lambda row: row.here)
    titles = dict.fromkeys(row.title for row in every)
    headers = ["", *(f"{base} / {converted} (ms)" for base, converted in families)]
    cells = {
        (row.title, family): f"{row.base:,.1f} / {row.converted:,.1f} = **{row.base / row.converted:.2f}×**"
        for family, rows in families.items()
        for row in rows
    }
    return markdown(headers, [[title, *(cells.get((title, family), "–") for family in families)] for title in titles])


def draw(families: dict[tuple[str, str], list[Step]], title: str, folder: Path, name: str = "speedup") -> None:
    """`speedup.pdf`, `.png` and `.svg` in `folder`: a row of panels per family."""
    from matplotlib import pyplot as plt

    from hitsr.report.drawing.style import GREY, WIDTH, save

    height = 0.55 + sum(0.3 + 0.24 * len(rows) for rows in families.values())
    ratios = [len(rows) + 1 for rows in families.values()]
    figure, panels = plt.subplots(
        len(families), 2, figsize=(WIDTH, height), squeeze=False, gridspec_kw={"height_ratios": ratios}
    )
    for (times, speedups), ((base, converted), rows) in zip(panels, families.items(), strict=True):
        places = range(len(rows))
        for network, each, marker in (
            (base, [row.base for row in rows], "s"),
            (converted, [row.converted for row in rows], "o"),
        ):
            colour = methods()[network]["colour"]
            times.scatter(each, places, color=colour, marker=marker, s=22, label=network, zorder=3)
        for place, row in zip(places, rows, strict=True):
            for value, side in ((min(row.base, row.converted), -1), (max(row.base, row.converted), 1)):
                where = {"ha": "right" if side < 0 else "left", "va": "center_baseline", "size": 6.5}
                times.annotate(f"{value:,.0f}", (value, place), (6 * side, 0), textcoords="offset points", **where)
        # room for the numbers beside the points
        lowest, highest = (end(end(row.base, row.converted) for row in rows) for end in (min, max))
        times.set(
            xscale="log",
            xlim=(lowest / 2.3, highest * 4.7),
            xlabel="time of a pass (ms)",
            title=f"{converted} against {base}",
        )
        times.legend(loc="lower right", frameon=True, fontsize=7)
        found = [row.base / row.converted for row in rows]
        bars = speedups.barh(
            places, [value - 1 for value in found], left=1, height=0.6, color=methods()[converted]["colour"]
        )
        for bar, row in zip(bars, rows, strict=True):
            bar.set(color=bar.get_facecolor() if row.here else GREY)
        speedups.bar_label(bars, [f"{value:.2f}×" for value in found], padding=3, size=7)
        speedups.axvline(1, color="black", linewidth=0.8)
        speedups.set(
            xscale="log",
            xlim=(min(0.4, min(found) / 2.5), max(70, max(found) * 3)),
            xlabel=f"{base} / {converted}",
            title="times faster",
        )
        for axes in (times, speedups):
            axes.set_yticks(places, [row.title for row in rows])
            axes.set_ylim(len(rows) - 0.4, -0.7)
            axes.xaxis.set_major_formatter("{x:g}")
        speedups.tick_params(labelleft=False)
    figure.suptitle(title, size=9)
    save(figure, folder, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="what gpu.py has written")
    arguments = parser.parse_args()
    record = read_record(arguments.file)
    pairs = [(entry["baseline"], name) for name, entry in methods().items() if name.startswith("HiT-")]
    families = {pair: steps(record["parts"], *pair) for pair in pairs}
    families = {pair: rows for pair, rows in families.items() if any(row.here for row in rows)}
    print(table(families))
    draw(families, f"x2, 1280x720 output, {record['conditions']['gpu']}", arguments.file.parent)


if __name__ == "__main__":
    checkout.run(main)
