"""The report page: one HTML file that opens without network and links each number to its measurement file."""

import base64
import os
from importlib import resources
from pathlib import Path

import jinja2
import pandas as pd

from hitsr.atomic import write_text
from hitsr.records import read_json
from hitsr.report import contents, tables
from hitsr.report.cells import BEST, SECOND
from hitsr.report.measurements import provenance_of, read, run_summary
from hitsr.sources import ROOT


def render(measurements: Path, config: dict, folder: Path) -> None:
    """Write `folder/report.html` from the measurements and from the figures in `folder/figures/`."""
    table = read(measurements)
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.globals.update(BEST=BEST, SECOND=SECOND, link=_linker(folder))
    source = resources.files("hitsr.report").joinpath("page.html").read_text(encoding="utf-8")
    page = environment.from_string(source).render(
        summary=run_summary(table),
        tables=[
            (name, contents.TABLES[name].title, tables.make(name, table, config)) for name in config["report"]["tables"]
        ],
        figures=[_figure(name, folder) for name in config["report"]["figures"]],
        datasets=_datasets(config),
        provenance=_provenance(table),
    )
    write_text(folder / "report.html", page)


def _linker(folder: Path):
    """Links from the page to files of the repository; a cell of several files links to the first."""

    def link(source: str) -> str:
        return Path(os.path.relpath(ROOT / source.split(", ")[0], folder.resolve())).as_posix()

    return link


def _figure(name: str, folder: Path) -> dict[str, str]:
    entry = contents.FIGURES[name]
    path = folder / "figures" / f"{name}.{'png' if entry.photographic else 'svg'}"
    kind = "png" if entry.photographic else "svg+xml"
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return {"name": name, "title": entry.title, "caption": entry.about, "source": f"data:image/{kind};base64,{data}"}


def _datasets(config: dict) -> list[dict]:
    """Images of every data set of the run, with source and licence."""
    used = [config["training_set"], config["validation_set"], *config["test_sets"]]
    roles = ["training", "validation", *["test"] * len(config["test_sets"])]
    found = []
    for name, role in zip(used, roles, strict=True):
        path = ROOT / "results" / config["run"] / "data" / str(name) / f"x{config['scales'][0]}.json"
        if name and path.is_file():
            found.append({"name": name, "role": role, "images": read_json(path)["images"]})
    return found


def _provenance(table: pd.DataFrame) -> list[dict]:
    return provenance_of(table).sort_values("file").to_dict("records")
