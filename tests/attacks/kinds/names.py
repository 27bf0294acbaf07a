"""Hostile names and texts in every key that takes text: nothing is executed, and every report shows them escaped."""

import csv
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from arena import CONFIG, Arena, Attack, Project, demand
from pydantic import BaseModel

import hitsr.configuration.models.run as models
from hitsr.configuration import resolve
from hitsr.errors import HitsrError

EVIL = (
    "$(touch PWNED)", "`touch PWNED`", "; touch PWNED;", "a' ; touch PWNED; '", 'a" ; touch PWNED; "',
    "a\ntouch PWNED\n", "| touch PWNED", "&& touch PWNED", "{wildcards.method}", "{}", "%s%n", "a b", "=cmd()",
    "<script>alert(1)</script>", "../../../tmp/x", "/etc/passwd", "-rf", "\\", "~", "*", "\u202e", "é", "名前",
    "x" * 300, "\0", "a|b|c",
)  # fmt: skip
"""What no shell, path, template or table may take literally."""


def text_keys(model: type[BaseModel], path: tuple = ()) -> Iterator[tuple]:
    """Paths of all keys below a model; names that a user chooses are `*`."""
    for name, field in model.model_fields.items():
        yield from _keys(field.annotation, (*path, name))


def _keys(kind: object, path: tuple) -> Iterator[tuple]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from text_keys(kind, path)
        return
    inner = getattr(kind, "__args__", ())
    name = str(getattr(kind, "__origin__", kind))
    if "dict" in name:
        yield (*path, "*")
        yield from _keys(inner[-1], (*path, "name"))
    elif inner:
        for part in inner:
            yield from _keys(part, (*path, 0) if "list" in name else path)
    elif kind is not type(None):
        yield path


def with_value(path: tuple, value: str) -> dict:
    """The smallest configuration with a value at a path; `*` puts it in as a name."""
    inner: object = value
    for key in reversed(path):
        if key == "*":
            inner = {value: {}}
        elif key == 0:
            inner = [inner]
        else:
            inner = {key: inner}
    return inner


def merged(base: dict, changes: dict) -> dict:
    found = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = merged(found[key], value) if both else value
    return found


def every_key(value: str, arena: Arena) -> None:
    """Each key by itself, in every place of a configuration: taken as text, or refused in one line."""
    keys = list(dict.fromkeys(text_keys(models.Run)))
    demand(len(keys) > 60, f"only {len(keys)} keys were found")
    here = Path.cwd()
    with arena.folder() as folder:
        os.chdir(folder)
        try:
            for path in keys:
                where = ".".join(map(str, path))
                try:
                    resolve(merged(CONFIG, with_value(path, value)))
                except HitsrError as error:
                    text = str(error)
                    demand("\n" not in text and text.isprintable(), f"{where}: no printable line: {text!r}")
        finally:
            os.chdir(here)
        demand(not list(folder.rglob("*")), f"made {list(folder.rglob('*'))}")


HOSTILE = "$(touch PWNED)`touch PWNED`;touch PWNED;'\"&|<script>alert(1)</script>{x}"
FORMULA = "=cmd|' /C calc'!A0"


def workflow(arena: Arena) -> None:
    """One run with everything hostile that may be: folder of the run, files, labels, sources, weights."""
    import hitsr

    with arena.folder() as outer:
        folder = outer / 'Tom\'s $(touch PWNED) & "co"; {x} ü'
        folder.mkdir()
        from arena import photographs

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
    for value in EVIL:
        yield Attack("hostile texts", repr(value[:30]), partial(every_key, value))
    yield Attack("hostile names in a run", "shell, HTML, Markdown, CSV", workflow, long=True)
