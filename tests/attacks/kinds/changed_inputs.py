"""What a run was made from is changed behind its back: every number shown afterwards is of what is there now."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from arena import CONFIG, Arena, Attack, Project, demand
from PIL import Image
from truth import NEAR, bicubic, low, pixels, psnr

KIND = "changed inputs"
LONG_AGO = 1_000_000_000
TABLE = "reports/small/tables/main.md"


def replace_older(project: Project) -> None:
    """Another photograph of the same size under the same name, older than the one before."""
    path = project.folder / "photos" / "cat.png"
    Image.fromarray(np.ascontiguousarray(pixels(path)[::-1] // 2)).save(path)
    os.utime(path, (LONG_AGO, LONG_AGO))


def replace_same_listing(project: Project) -> None:
    """The same name, size in bytes and time: only the contents differ (BMP is not compressed)."""
    path = project.folder / "photos" / "cat.bmp"
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[-3000:] = bytes(3000)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000))


def add(project: Project) -> None:
    path = project.folder / "photos" / "another.png"
    Image.fromarray(np.ascontiguousarray(pixels(project.folder / "photos" / "cat.png")[:, ::-1])).save(path)
    os.utime(path, (LONG_AGO, LONG_AGO))


def delete(project: Project, name: str = "woman.png") -> None:
    (project.folder / "photos" / name).unlink()


def rename(project: Project) -> None:
    folder = project.folder / "photos"
    (folder / "woman.png").rename(folder / "person.png")


def exchange(project: Project, other: str = "woman.png") -> None:
    """Two photographs exchange their names, and keep their times."""
    folder = project.folder / "photos"
    (folder / other).rename(folder / "away")
    (folder / "cat.png").rename(folder / other)
    (folder / "away").rename(folder / "cat.png")


def training_image(project: Project) -> None:
    path = project.folder / "training" / "coffee.png"
    Image.fromarray(np.ascontiguousarray(pixels(path)[:, ::-1])).save(path)
    os.utime(path, (LONG_AGO, LONG_AGO))


def truth(project: Project) -> dict[tuple, float]:
    """PSNR of bicubic upscaling, computed from the photographs that are there."""
    found = {}
    for path in sorted((project.folder / "photos").iterdir()):
        high = pixels(path)
        found["Bicubic", "2", "test", path.stem] = bicubic(high, 2)
    return found


def noticed(spoil: Callable[[Project], None], arena: Arena) -> None:
    """One change by itself is noticed: what reads the folder is done again, and nothing else."""
    with arena.copy() as project:
        spoil(project)
        planned = project.planned(target=TABLE)
        retrained = spoil is training_image
        expected = {"prepare": 1, "train": 1, "pack": 2} if retrained else {"prepare": 1, "restore": 2, "score": 2}
        demand(planned.items() >= expected.items(), f"plans {planned}")
        demand(retrained or "train" not in planned, "trains again")


def all_changes(arena: Arena) -> None:
    """Change after change; the numbers shown afterwards are those of the photographs that are there."""
    with arena.copy() as project:
        weights = project.results() / "train" / "SwinIR-Light" / "x2" / "seed0" / "weights.safetensors"
        before = weights.read_bytes()
        for spoil in (replace_older, add, rename):
            spoil(project)
        done = project.run(target=TABLE)
        demand(done.status == 0, f"does not go on: {done.last_words}")
        agree(project)
        demand(weights.read_bytes() == before, "trained again")
        delete(project, "person.png")
        exchange(project, "another.png")
        training_image(project)
        done = project.run(target=TABLE)
        demand(done.status == 0, f"does not go on: {done.last_words}")
        agree(project)
        demand(weights.read_bytes() != before, "was not trained again")
        demand(not project.planned(target=TABLE), "a second run does something again")


def agree(project: Project) -> None:
    """The numbers shown are those of the photographs that are there, and of all of them."""
    expected, shown = truth(project), project.measured()
    for method in ("Bicubic", "SwinIR-Light"):
        images = {key[3] for key in shown if key[0] == method}
        demand(images == {key[3] for key in expected}, f"{method} is scored on {sorted(images)}")
    wrong = {key: (shown.get(key), value) for key, value in expected.items() if abs(shown[key] - value) > NEAR}
    demand(not wrong, f"shown and true PSNR differ: {wrong}")


def with_bmp(arena: Arena) -> None:
    """Contents change while name, size and (nearly) time stay."""
    with arena.copy() as project:
        path = project.folder / "photos" / "cat.png"
        with Image.open(path) as image:
            image.save(path.with_suffix(".bmp"))
        path.unlink()
        demand(project.run(target=TABLE).status == 0, "does not run")
        replace_same_listing(project)
        demand(project.run(target=TABLE).status == 0, "does not go on")
        agree(project)


def given_weights(arena: Arena) -> None:
    """A file of weights is replaced by another one of the same size: by an older one, and then by a newer one."""
    import hitsr

    options = {"dim": 16, "depths": [1], "heads": 2, "window_ratios": [0.5]}
    method = {"options": options, "weights": {"2": "given.safetensors"}}
    with arena.copy() as project:
        project.configure({**CONFIG, "methods": {**CONFIG["methods"], "HiT-SIR": method}})
        path = project.folder / "given.safetensors"
        shown = []
        for time in (None, LONG_AGO, None):
            hitsr.save(hitsr.build("HiT-SIR", 2, **options), path)
            if time is not None:
                os.utime(path, (time, time))
            done = project.run(target=TABLE)
            demand(done.status == 0, f"does not run: {done.last_words}")
            shown.append({key: value for key, value in project.measured().items() if key[0] == "HiT-SIR"})
            model = hitsr.load(path)
            for key, value in shown[-1].items():
                high = pixels(project.folder / "photos" / f"{key[3]}.png")
                true = psnr(hitsr.upscale(model, low(high, 2)), high, 2)
                demand(abs(true - value) < NEAR, f"{key}: shown {value}, the file gives {true}")
        demand(len({str(each) for each in shown}) == 3, "a file was never used")


def second_test_set(arena: Arena) -> None:
    """A second test set restores and scores only itself; nothing of the first changes."""
    with arena.copy() as project:
        shutil.copytree(project.folder / "photos", project.folder / "more")
        (project.folder / "more" / "woman.png").unlink()
        datasets = {**CONFIG["datasets"], "second": {"folder": "more"}}
        project.configure({**CONFIG, "datasets": datasets, "test_sets": ["test", "second"]})
        planned = project.planned(target=TABLE)
        demand("train" not in planned, "trains again")
        demand(planned.get("restore") == 2 and planned.get("score") == 2, f"plans {planned}")
        before = times(project.results() / "restore")
        demand(project.run(target=TABLE).status == 0, "does not run")
        after = times(project.results() / "restore")
        demand({name: after.get(name) for name in before} == before, "super-resolved the first set again")
        cat = {key: value for key, value in project.measured().items() if key[3] == "cat"}
        demand(len(cat) == 4 and len(set(cat.values())) == 2, f"the same image has other values: {cat}")


def times(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*.png")}


def attacks() -> Iterator[Attack]:
    for spoil in (replace_older, add, delete, rename, exchange, training_image):
        yield Attack(KIND, spoil.__name__.replace("_", " "), partial(noticed, spoil), long=True)
    yield Attack(KIND, "one after the other", all_changes, long=True)
    yield Attack(KIND, "same name, size and second", with_bmp, long=True)
    yield Attack(KIND, "given weights, older and newer", given_weights, long=True, attempts=2)
    yield Attack(KIND, "a second test set", second_test_set, long=True)
