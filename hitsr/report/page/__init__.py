"""The report page: one HTML file that opens without network and links each number to its measurement file."""

import io
import re
from collections import Counter
from pathlib import Path

import pandas as pd
from PIL import Image

from hitsr.analysis import claims, crops, leaks
from hitsr.analysis.doubts import below_interpolation, noisy
from hitsr.analysis.measurements import kept, provenance_of, read, run_summary
from hitsr.atomic import write_text
from hitsr.report import contents, tables
from hitsr.report.figures import drawn
from hitsr.report.formats.latex import as_latex
from hitsr.report.page import datasets, references
from hitsr.report.page.order import notes_once, ordered, part_of
from hitsr.report.page.origins import Origins
from hitsr.report.page.template import data_uri, fill
from hitsr.report.panels import panels
from hitsr.report.remarks import remarks

PIXELS_PER_INCH = 130
"""At which the page shows figures: of the text width of a paper, 7 inches, it makes 910 pixels."""
VERDICTS = {"holds": "hold", "does not hold": "do not hold", "undecided": "undecided"}
"""In the order in which the page shows them, with their plurals."""


def render(measurements: Path, config: dict, folder: Path) -> None:
    """Write `folder/report.html` from the measurements, and from figures and crops that are made already.

    Raises:
        ResultError: a figure or the choice of crops is not there.
    """
    table = read(measurements)
    origins = Origins(provenance_of(table), folder)
    findings = sorted(claims.judge(table, config), key=lambda finding: list(VERDICTS).index(finding.verdict))
    shown = [_table(name, table, config) for name in config["report"]["tables"]]
    shown += [_figure(name, config, folder) for name in config["report"]["figures"]]
    parts = ordered(shown)
    notes_once(item for part in parts for item in part["items"] if item["kind"] == "table")
    page = fill(
        "page.html",
        origins,
        PLURAL=VERDICTS,
        kept=kept(table),
        summary=run_summary(table, config["run"]),
        command_all=_command(config, "all"),
        findings=[_finding(finding) for finding in findings],
        verdicts=list(Counter(finding.verdict for finding in findings).items()),
        parts=parts,
        titles={item["name"]: item["title"] for item in shown if item["kind"] == "table"},
        doubts=[*below_interpolation(table, config), *noisy(table, config)],
        crops=_crops(table, config),
        scale=crops.scale_of(config),
        datasets=datasets.described(config),
        shared=leaks.found(table, config),
        compared=leaks.compared(table),
        references=references.used(config),
        provenance=[{**row, "threads": _whole(row["threads"]), "seed": _whole(row["seed"])} for row in origins.rows],
        software=origins.software,
    )
    write_text(folder / "report.html", page)


def _command(config: dict, target: str) -> str:
    """The command that makes a file of this run again, from the run's own copy of its configuration."""
    if "merged_by" in config:
        return config["merged_by"]
    return contents.command(f"results/{config['run']}/config.json", target)


def _finding(finding: claims.Finding) -> dict:
    """A finding for the card, and whether anything was measured for it."""
    return {**vars(finding), "measured": bool(finding.sources)}


def _table(name: str, table: pd.DataFrame, config: dict) -> dict:
    entry, grid = contents.tables(config)[name], tables.make(name, table, config)
    return {
        "kind": "table",
        "part": part_of(entry),
        "name": name,
        "title": entry.title,
        "paper": entry.paper,
        "grid": grid,
        "latex": as_latex(grid, name),
        "command": _command(config, f"reports/{config['run']}/tables/{name}.tex"),
    }


def _figure(name: str, config: dict, folder: Path) -> dict:
    entry = contents.figures(config)[name]
    path = folder / "figures" / f"{name}.{'png' if entry.photographic else 'svg'}"
    command = _command(config, f"reports/{config['run']}/figures/{name}.pdf")
    content = drawn(path, command)
    # of operators alone, without networks
    methods = () if set(entry.needs) == {"attention_cost"} else config["methods"]
    return {
        "kind": "figure",
        "part": part_of(entry),
        "name": name,
        "title": entry.title,
        "paper": entry.paper,
        "caption": " ".join([entry.about, *remarks(config, methods)]),
        "source": data_uri(content, "png" if entry.photographic else "svg+xml"),
        "width": round(_inches(content) * PIXELS_PER_INCH),
        "command": command,
    }


def _inches(content: bytes) -> float:
    """Width of a figure, so that texts are of one size in all of them."""
    found = re.search(rb'<svg[^>]* width="([\d.]+)pt"', content)
    if found is not None:
        return float(found.group(1)) / 72
    with Image.open(io.BytesIO(content)) as image:
        return image.width / image.info["dpi"][0]


def _crops(table: pd.DataFrame, config: dict) -> list[dict]:
    """Crops of the original and of every method, for the comparison of two of them."""
    found = []
    for crop in crops.read(config) if config["test_sets"] else []:
        shown = [
            {"label": panel.label, "score": " / ".join(panel.scores), "source": data_uri(panel.png, "png")}
            for panel in panels(crop, table, config)
        ]
        title = f"{crop.image} ({crop.dataset}), {crop.width}×{crop.height} at {crop.x}, {crop.y}"
        found.append({"title": title, "chosen": crop.chosen, "panels": shown})
    return found


def _whole(number: float | None) -> str:
    """A whole number, which pandas made a float, or a dash."""
    return "–" if number is None or pd.isna(number) else str(int(number))
