"""Markdown of `gpu.py`: each HiT network against the network that it converts, as published and like for like."""

import csv

from hitsr.results.fingerprints import ROOT

PRINTED = ROOT / "hitsr/catalogs/published/efficiency_x2.csv"
"""Runtimes that the paper prints: x2, 1280x720, A100."""
TITLES = {
    "plain": "As published (plain)",
    "fast": "Like for like (fast: the networks that are converted are as well computed as those that convert them)",
}


def tables(record: dict) -> str:
    """Both tables, of what the file holds."""
    with PRINTED.open(encoding="utf-8") as file:
        printed = {line["method"]: line for line in csv.DictReader(file)}
    rows = [row for part in record["parts"] for row in part["rows"]]
    image = record["conditions"]["image"]
    return "\n\n".join(
        f"{title}, output {image}, {record['conditions']['gpu'] or record['conditions']['device']}:\n\n"
        + _table([row for row in rows if row["formulation"] == formulation], printed, image)
        for formulation, title in TITLES.items()
    )


def _table(rows: list[dict], printed: dict[str, dict], image: str) -> str:
    keys = ("scale", "precision", "mode", "method")
    found = {tuple(row[key] for key in keys): row for row in rows}
    lines = [
        "| Scale | Precision | Mode | Network | ms (10–90 %) | MiB | converts | ms (10–90 %) | MiB | ratio | paper |",
        "|:--|:--|:--|:--|--:|--:|:--|--:|--:|--:|--:|",
    ]
    for (scale, precision, mode, method), row in found.items():
        base = printed.get(method, {}).get("converted_from")
        other = found.get((scale, precision, mode, base))
        if not base:
            # a network that is converted stands in the row of the one that converts it
            if any(line["converted_from"] == method for line in printed.values()):
                continue
            base = "–"
        cells = [f"×{scale}", precision, mode, method, *_figures(row), base, *_figures(other)]
        both = row["median_ms"] and other and other["median_ms"]
        cells.append(f"{other['median_ms'] / row['median_ms']:.2f}" if both else "–")
        of_paper = scale == 2 and image == "1280x720" and base in printed
        cells.append(_printed_ratio(printed, method, base) if of_paper else "–")
        lines.append(f"| {' | '.join(cells)} |")
    errors = dict.fromkeys(
        f"- {row['method']} ×{row['scale']} {row['precision']} {row['mode']}: {row['error']}"
        for row in rows
        if row["error"]
    )
    return "\n".join([*lines, *(["", *errors] if errors else [])])


def _figures(row: dict | None) -> list[str]:
    """Time and memory of a row."""
    if row is None:
        return ["–", "–"]
    if row["error"]:
        return ["out of memory" if row["error"].startswith("out of memory") else "failed", "–"]
    memory = row["peak_memory_mib"]
    time = f"{row['median_ms']:,.1f} ({row['p10_ms']:,.1f}–{row['p90_ms']:,.1f})"
    return [time, "–" if memory is None else f"{memory:,.0f}"]


def _printed_ratio(printed: dict[str, dict], method: str, base: str) -> str:
    return f"{float(printed[base]['runtime_ms_a100']) / float(printed[method]['runtime_ms_a100']):.1f}"
