"""One bit or digit flips in a file of a finished run: the next command refuses it or makes it again."""

import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from arena import Arena, Attack, Project, demand

from hitsr.data.images import png_bytes, read_rgb
from kinds.kills import agrees

KIND = "flipped bits"
STAGES = {
    "results/small/data/*/HR/*.png": 0,
    "results/small/data/*/LR/x2/*.png": 0,
    "results/small/data/*/x2.json": 1,
    "results/small/data/*/packed/*.npy": 2,
    "results/small/data/*/packed/*.json": 2,
    "results/small/leaks.json": 5,
    "results/small/train/*/x2/seed0/weights.safetensors": 3,
    "results/small/train/*/x2/seed0/history.json": 5,
    "results/small/restore/*/x2/seed0/**/*.png": 4,
    "results/small/restore/*/x2/seed0/*.json": 4,
    "results/small/score/*/x2/seed0/*.json": 5,
    "results/small/count/*/x2.json": 5,
    "results/small/measurements.*": 6,
    "reports/small/crops.json": 7,
    "reports/small/*/*.*": 8,
    "reports/small/*.*": 8,
}
"""Files of a finished run, and when they are made: what has a higher number may be made of what has a lower one."""
UNREAD = ("**/logs/**", "**/settings/**", "**/config.json", "**/finished.pt", "**/*.lock")
"""Files that no number comes from."""


def matches(path: Path, pattern: str) -> bool:
    """As `Path.full_match` of Python 3.13: `**` stands for any folders, `*` for any name."""
    parts = re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"/\*\*", "(/.*)?").replace(r"\*", "[^/]*")
    return re.fullmatch(parts, path.as_posix()) is not None


def stage(path: Path) -> int | None:
    """When a file, relative to the project, is made; None if nothing is known of it."""
    return next((number for pattern, number in STAGES.items() if matches(path, pattern)), None)


def produced(project: Project) -> list[Path]:
    """Files of the run that numbers can come from, relative to the project."""
    files = [
        p.relative_to(project.folder) for place in ("results", "reports") for p in (project.folder / place).rglob("*")
    ]
    kept = [path for path in sorted(files) if (project.folder / path).is_file()]
    return [path for path in kept if not any(matches(path, pattern) for pattern in UNREAD)]


def flip(path: Path, place: float) -> None:
    """Change one digit of a text, one pixel of a picture, or one bit of anything else; the times stay."""
    before, content = path.stat(), bytearray(path.read_bytes())
    start = int(place * (len(content) - 1))
    if path.suffix == ".png":
        image = read_rgb(path).copy()
        image[image.shape[0] // 2, image.shape[1] // 2] ^= 64
        content = bytearray(png_bytes(image))
    elif path.suffix in (".json", ".csv"):
        digits = [match.start() for match in re.finditer(rb"[0-9]", bytes(content))]
        at = min(digits, key=lambda found: abs(found - start))
        content[at] = ord("0") + (content[at] - ord("0") + 3) % 10
    else:
        content[start] ^= 8
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def forget_later(project: Project, spoilt: int) -> None:
    """Remove everything that may be made of a file, so that the next command has to read it."""
    for path in produced(project):
        if (stage(path) or 0) > spoilt:
            (project.folder / path).unlink()


def flipped(pattern: str, place: float, arena: Arena) -> None:
    expected = arena.expected
    with arena.copy() as project:
        files = [path for path in produced(project) if matches(path, pattern)]
        demand(files, f"no file like {pattern}")
        path = project.folder / files[-1]
        flip(path, place)
        forget_later(project, STAGES[pattern])
        done = project.run()
        if done.status != 0:
            demand(path.name in done.output, f"refused without naming the file: {done.last_words}")
            demand("Traceback (most recent call last)" not in done.output, f"a traceback: {done.last_words}")
            # what the message advises: remove it, and run again
            path.unlink()
            done = project.run()
            demand(done.status == 0, f"does not go on when {files[-1]} is removed: {done.last_words}")
        agrees(project, expected)


def all_known(arena: Arena) -> None:
    """The list above names every file of a finished run: none is left unattacked."""
    unknown = [str(path) for path in produced(arena.finished) if stage(path) is None]
    demand(not unknown, f"files that nobody attacks: {unknown}")


def attacks() -> Iterator[Attack]:
    for pattern, number in STAGES.items():
        if number < 8:
            for place in (0.5,) if pattern.endswith("png") else (0.1, 0.6, 0.95):
                name = f"{pattern.removeprefix('results/small/')} at {place:.0%}"
                yield Attack(KIND, name, partial(flipped, pattern, place), long=True)
    yield Attack(KIND, "every file is known", all_known, long=True)
