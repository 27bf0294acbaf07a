"""One run with hostile names wherever there may be names: nothing is executed, and every report shows them escaped."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from arena import CONFIG, Arena, Attack, Project, demand, photographs

import hitsr

HOSTILE = "$(touch PWNED)`touch PWNED`;touch PWNED;'\"&|<script>alert(1)</script>{x}"
FORMULA = "=cmd|' /C calc'!A0"


def workflow(arena: Arena) -> None:
    """One run with everything hostile that may be: folder of the run, files, labels, sources, weights."""
    with arena.folder() as outer:
        folder = outer / 'Tom\'s $(touch PWNED) & "co"; {x} ü'
        folder.mkdir()
        photographs(folder)
        hostile = folder / HOSTILE.replace("/", "")
        (folder / "photos").rename(hostile)
        (hostile / "cat.png").rename(hostile / "$(touch PWNED) cat's.png")
        given = folder / "weights $(touch PWNED)';touch PWNED;'.safetensors"
        options = {"dim": 16, "depths": [1], "heads": 2, "window_ratios": [0.5]}
        hitsr.save(hitsr.build("HiT-SIR", 2, **options), given)
        datasets = {
            **CONFIG["datasets"],
            "test": {"folder": hostile.name, "licence": HOSTILE, "source": FORMULA},
        }
        methods = {"Bicubic": {}, "HiT-SIR": {"options": options, "weights": {2: given.name}}}
        variants = {
            "a": {"label": FORMULA, "options": {"window_ratios": [1]}},
            "b": {"label": f"{HOSTILE}|x|", "options": {"window_ratios": [2]}},
        }
        ablations = {"windows": {"title": HOSTILE, "base_label": HOSTILE, "variants": variants}}
        report = {**CONFIG["report"], "crops": []}
        project = Project(
            folder, {**CONFIG, "methods": methods, "datasets": datasets, "ablations": ablations, "report": report}
        )
        done = project.run()
        found = list(outer.rglob("PWNED"))
        demand(not found, f"executed a name: {found}")
        demand(done.status == 0, f"does not run: {done.last_words}")
        escaped(folder / "reports" / "small")


def escaped(reports: Path) -> None:
    page = (reports / "report.html").read_text()
    demand("<script>alert" not in page, "the page has a script of a name")
    for path in reports.rglob("*.md"):
        text = path.read_text()
        demand("<script>" not in text, f"{path.name} has raw HTML")
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")}
        demand(len(widths) <= 1, f"{path.name} has rows of {widths} cells")
    for path in reports.rglob("*.csv"):
        with path.open(newline="") as file:
            for row in csv.reader(file):
                bad = [cell for cell in row if cell[:1] in "=+@" and cell[1:2].isalpha()]
                demand(not bad, f"{path.name} has formulas: {bad}")


def attacks() -> Iterator[Attack]:
    yield Attack("hostile names in a run", "shell, HTML, Markdown, CSV", workflow, long=True)
