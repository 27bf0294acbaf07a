"""One axis of an ablation: cost and quality of every variant, and its paired difference from the base method."""

import pandas as pd

from hitsr.analysis.comparisons import of_axis
from hitsr.analysis.conditions import network_differs, training_differs
from hitsr.analysis.costs import counted, timed
from hitsr.analysis.differences import differences, pairs_of_axis
from hitsr.analysis.measurements import implementations, number
from hitsr.measure.metrics import chosen
from hitsr.report import contents
from hitsr.report.cells import Cell, Grid, measured
from hitsr.report.columns import MACS, MACS_NOTE, rank_columns
from hitsr.report.differences import INTERVAL, difference_cells, difference_notes

TABLE = contents.Table(
    name="ablation",
    title="Ablation",
    about="Cost and quality of the base method and of each variant of it, and the paired difference from the base.",
    needs=("quality", "complexity", "latency"),
    paper="ablation study",
    per_axis=True,
)


def make(table: pd.DataFrame, config: dict, axis: str) -> Grid:
    """The table of `axis`."""
    entry, scale = config["ablations"][axis], config["scales"][0]
    methods, sets = of_axis(config, axis), config["test_sets"]
    implementation = implementations(config)[-1]
    headers = [entry["title"], "#Params (K)", MACS, "Latency (ms)"]
    metrics = chosen(config)
    columns = [
        *(metric.header for metric in metrics),
        f"Δ{metrics[0].title}",
        INTERVAL,
        "p",
        "separated",
    ]
    headers += [f"{name} {column}" for name in sets for column in columns]
    family = differences(table, config, metrics[0].name)
    found = {pair: family[pair] for pair in pairs_of_axis(config, axis) if pair in family}
    compared = {(pair.method, pair.dataset): result for pair, result in found.items()}
    rows = []
    for method, label in methods.items():
        row = [
            Cell(label),
            measured(counted(table, config, "parameters", method, scale), ",.1f", 1e3),
            measured(counted(table, config, "macs", method, scale), ".2f", 1e9),
            measured(timed(table, config, "latency_median", method, scale, implementation), ".1f"),
        ]
        for name in sets:
            scores = {"method": method, "scale": scale, "dataset": name}
            row += [measured(number(table, metric.name, **scores), metric.form) for metric in metrics]
            row += difference_cells(compared.get((method, name)), f"+.{metrics[0].digits + 1}f")
        rows.append(row)
    places = range(4, len(headers), len(columns))
    rows = rank_columns(rows, {start + i: metric for start in places for i, metric in enumerate(metrics)})
    caption = (
        f"Run {config['run']}: {entry['title'].lower()}, options of {entry['base']} ×{scale}; "
        f"differences from the first row."
    )
    remarks = [
        f"{MACS_NOTE} Latency of the {implementation} implementation.",
        *difference_notes(config, list(found.values()), metrics[0].title),
    ]
    differing = [
        text
        for text in (network_differs(config, entry["base"]), training_differs(table, config, entry["base"], scale))
        if text
    ]
    if differing:
        remarks.append(f"Not the paper's conditions: {'; '.join(differing)}.")
    return Grid(caption, headers, [rows], remarks, [("", 4), *((name, len(columns)) for name in sets)])
