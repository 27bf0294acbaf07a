"""Results of another configuration, another folder or another generation: refused or made anew, never shown."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from arena import CONFIG, Arena, Attack, Project, demand, photographs
from PIL import Image
from projects import ROOT, Workflow
from truth import NEAR, bicubic, pixels

from kinds.changed_inputs import agree, truth
from kinds.kills import agrees

PARTS = ("history.json", "weights.safetensors", "score/**/*.json", "count/**/*.json", "restore/**/*.json")
OTHER = {**CONFIG, "train": {**CONFIG["train"], "learning_rate": 0.01, "iterations": 25}}


def derived(project: Project) -> None:
    """Remove what is made of the measurements."""
    shutil.rmtree(project.folder / "reports")
    for path in project.results().glob("measurements.*"):
        path.unlink()


def copied(arena: Arena) -> None:
    """Files of a run with other settings are copied over this one's, with the times of the files that they replace.

    Afterwards the run itself gets those settings, and then its own again: what is shown is of the settings of now.
    """
    expected = arena.expected
    with arena.copy() as other:
        other.configure(OTHER)
        done = other.run()
        demand(done.status == 0, f"the other run fails: {done.last_words}")
        numbers, source = other.numbers(), other.results()
        demand(numbers != expected, "the other run has the same numbers")
        for part in PARTS:
            with arena.copy() as project:
                replaced(source, project, part)
                done = project.run()
                if done.status == 0:
                    agrees(project, expected)
                else:
                    named = [path for path in source.rglob(part) if path.name in done.output]
                    demand(named, f"{part}: refused without naming a file: {done.last_words}")
        other.configure(CONFIG)
        demand(other.run().status == 0, "does not run with its own settings again")
        agrees(other, expected)


def replaced(source: Path, project: Project, part: str) -> None:
    """Copy files of another run over those of a project; remove what is made of them."""
    found = [path for path in source.rglob(part) if path.is_file() and "SwinIR-Light" in str(path)]
    demand(found, f"no file like {part}")
    for path in found:
        place = project.results() / path.relative_to(source)
        before = place.stat()
        shutil.copyfile(path, place)
        os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    derived(project)


def other_folder(arena: Arena) -> None:
    """A run of the same name in another folder; neither sees the other's photographs or results."""
    with arena.copy() as first, arena.folder() as place:
        photographs(place)
        for path in (place / "photos").iterdir():
            Image.fromarray(np.ascontiguousarray(pixels(path)[::-1])).save(path)
        before = listing(first.folder)
        second = Project(place, CONFIG)
        command = second.command("--directory", str(place), config=str(place / "run.yaml"))
        done = Workflow(command, cwd=first.folder, env=second.environment).end(timeout=900)
        demand(done.status == 0, f"does not run: {done.last_words}")
        agree(second)
        demand(listing(first.folder) == before, "changed the folder that it was started from")
        demand(not (ROOT / "results" / "small").exists(), "wrote into the checkout")
        crops = json.loads((place / "reports" / "small" / "crops.json").read_text())
        shown = str(crops)
        demand(str(first.folder) not in shown, "shows crops of the other folder")


def listing(folder: Path) -> dict[str, int]:
    kept = (path for path in folder.rglob("*") if path.is_file() and ".snakemake" not in path.parts)
    return {str(path): path.stat().st_mtime_ns for path in kept if "cache" not in path.parts}


def names_like_numbers(arena: Arena) -> None:
    """Names that tables of numbers take for numbers or for nothing."""
    names = ("NA", "null", "007", "1e3", "nan", "True", "2.0", "None")
    with arena.folder() as folder:
        photographs(folder)
        image = pixels(folder / "photos" / "cat.png")
        shutil.rmtree(folder / "photos")
        for number, name in enumerate(names):
            for dataset in ("NA", "100"):
                place = folder / f"set-{dataset}"
                place.mkdir(exist_ok=True)
                Image.fromarray(np.roll(image, 3 * number, 1)).save(place / f"{name}.png")
        datasets = {"NA": {"folder": "set-NA"}, "100": {"folder": "set-100", "rows": [0, 0.7]}}
        datasets["train"] = CONFIG["datasets"]["train"]
        methods = {"Bicubic": {}, "1e3": {"extends": "SwinIR-Light", **CONFIG["methods"]["SwinIR-Light"]}}
        config = {**CONFIG, "run": "007", "datasets": datasets, "methods": methods, "test_sets": ["NA", "100"]}
        config |= {"report": {"tables": ["main", "statistics"], "figures": ["training"]}}
        project = Project(folder, config)
        done = project.run()
        demand(done.status == 0, f"does not run: {done.last_words}")
        shown = project.measured(run="007")
        wanted = {(m, "2", d, i) for m in methods for d in ("NA", "100") for i in names}
        demand(set(shown) == wanted, f"shown too much or too little: {set(shown) ^ wanted}")
        table = (folder / "reports" / "007" / "tables" / "main.csv").read_text()
        for word in ("NA", "100", "1e3", "Bicubic"):
            demand(word in table, f"{word} is not in the main table: {table}")
        demand("1000" not in table.split("\n")[1:], "a name became a number")


def generations(arena: Arena) -> None:
    """A second scale is added after a photograph has changed: high-resolution images are shared by both."""
    with arena.copy() as project:
        path = project.folder / "photos" / "cat.png"
        Image.fromarray(np.ascontiguousarray(pixels(path)[:, ::-1])).save(path)
        os.utime(path, (1_000_000_000, 1_000_000_000))
        project.configure({**CONFIG, "scales": [2, 4]})
        done = project.run()
        demand(done.status == 0, f"does not run: {done.last_words}")
        shown = project.measured()
        wrong = {key: (shown[key], value) for key, value in truth(project).items() if abs(shown[key] - value) > NEAR}
        demand(not wrong, f"x2 is of another generation: {wrong}")
        for image in ("cat", "woman"):
            true = bicubic(pixels(project.folder / "photos" / f"{image}.png"), 4)
            found = shown["Bicubic", "4", "test", image]
            demand(abs(found - true) < NEAR, f"x4 of {image} is of another generation: {found}, {true}")


def attacks() -> Iterator[Attack]:
    yield Attack("copied results", "five kinds of files, and back", copied, long=True, attempts=len(PARTS) + 1)
    yield Attack("other folder", "--directory", other_folder, long=True)
    yield Attack("names like numbers", "run, data sets, method, images", names_like_numbers, long=True)
    yield Attack("mixed generations", "a scale is added", generations, long=True)
