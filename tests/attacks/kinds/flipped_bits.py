"""One bit or digit flips in a file of a finished run: the next command refuses it or makes it again."""

import contextlib
import io
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from arena import Arena, Attack, Project, demand

from hitsr.cli import app
from hitsr.data.images import png_bytes, read_rgb
from hitsr.errors import HitsrError
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
    "reports/small/figures/*.*": 8,
    "reports/small/tables/*.*": 9,
    "reports/small/*.*": 9,
}
"""Files of a finished run, and when they are made: what has a higher number may be made of what has a lower one."""
NOUNS = {
    "prepare": 1, "pack": 2, "leaks": 5, "train": 3, "restore": 4, "score": 5, "count": 5, "collect": 6, "crops": 7,
    "figure": 8, "table": 9, "claims": 9, "page": 9,
}  # fmt: skip
"""Steps in an order in which they can be done, and when what they write is made."""
PLACES = (0.02, 0.1, 0.3, 0.6, 0.95)
IN_A_RUN = (
    "results/small/data/*/HR/*.png",
    "results/small/train/*/x2/seed0/weights.safetensors",
    "results/small/score/*/x2/seed0/*.json",
)
"""Files that a whole workflow meets too."""
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


def read_again(project: Project, spoilt: int) -> None:
    """Carry out every later step of the run with the settings that it was given.

    Raises:
        HitsrError: a step refuses something.
    """
    files = sorted((project.results() / "settings").glob("*.json"))
    with contextlib.chdir(project.folder), contextlib.redirect_stdout(io.StringIO()):
        for noun, number in NOUNS.items():
            for path in files if number > spoilt else ():
                if path.name.split("-")[0] == noun:
                    verb = ["render", noun] if number >= 8 else [noun]
                    name = ["--name", path.name.split("-")[1]] if noun in ("table", "figure") else []
                    given = str(path.relative_to(project.folder))
                    app([*verb, *name, "--settings", given], standalone_mode=False)


def flipped(pattern: str, places: tuple[float, ...], arena: Arena) -> None:
    """Whatever reads the file refuses it by name and says what to do, or nothing of what is shown is of it."""
    for place in places:
        with arena.copy() as project:
            path = spoil(project, pattern, place)
            try:
                read_again(project, STAGES[pattern])
            except HitsrError as error:
                demand(path.name in str(error), f"at {place:.0%}: refused without naming the file: {error}")
                demand(re.search(r"\bagain\b|anew", str(error)), f"at {place:.0%}: does not say what to do: {error}")
            else:
                agrees(project, arena.expected)


def spoil(project: Project, pattern: str, place: float) -> Path:
    """Flip a bit of a file like `pattern`, and remove what may be made of it; returns the file."""
    files = [path for path in produced(project) if matches(path, pattern)]
    demand(files, f"no file like {pattern}")
    flip(project.folder / files[-1], place)
    forget_later(project, STAGES[pattern])
    return project.folder / files[-1]


def flipped_in_a_run(pattern: str, arena: Arena) -> None:
    """The workflow names the file; without it, the same command ends well."""
    expected = arena.expected
    with arena.copy() as project:
        path = spoil(project, pattern, 0.6)
        done = project.run()
        if done.status != 0:
            demand(path.name in done.output, f"refused without naming the file: {done.last_words}")
            demand("Traceback (most recent call last)" not in done.output, f"a traceback: {done.last_words}")
            # what the message advises: remove it, and run again
            path.unlink()
            done = project.run()
            demand(done.status == 0, f"does not go on when {path} is removed: {done.last_words}")
        agrees(project, expected)


def all_known(arena: Arena) -> None:
    """The list above names every file of a finished run: none is left unattacked."""
    unknown = [str(path) for path in produced(arena.finished) if stage(path) is None]
    demand(not unknown, f"files that nobody attacks: {unknown}")


def attacks() -> Iterator[Attack]:
    for pattern, number in STAGES.items():
        if number < 9:
            places = (0.5,) if pattern.endswith("png") else PLACES
            name = pattern.removeprefix("results/small/")
            yield Attack(KIND, name, partial(flipped, pattern, places), long=True, attempts=len(places))
    for pattern in IN_A_RUN:
        name = f"{pattern.removeprefix('results/small/')}, by the workflow"
        yield Attack(KIND, name, partial(flipped_in_a_run, pattern), long=True)
    yield Attack(KIND, "every file is known", all_known, long=True)
