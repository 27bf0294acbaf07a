"""Odd configurations: refused in one line that names the key, before anything starts, or read as they are meant."""

import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from arena import Arena, Attack, demand

from hitsr.configuration import read_yaml, resolve
from hitsr.configuration.first_look import check_readable
from hitsr.errors import HitsrError

KIND = "odd configurations"
BASE = """
methods: {Bicubic: {}, HiT-SIR: {}}
datasets: {a: {photographs: [coffee]}, b: {photographs: [chelsea]}}
training_set: a
test_sets: [b]
"""
EXECUTED = Path(tempfile.gettempdir()) / f"hitsr-attack-executed-{os.getpid()}"
REFUSED = {
    "key twice": (BASE + "run: one\nrun: two\n", "run"),
    "key twice in a method": ("methods: {HiT-SIR: {options: {dim: 60}, options: {dim: 30}}}\n", "options"),
    "key twice in a flow": (BASE + "train: {iterations: 5, iterations: 6}\n", "iterations"),
    "method twice": ("methods:\n  Bicubic: {}\n  Bicubic: {}\n", "Bicubic"),
    "unknown key": (BASE + "trian: {}\n", "train"),
    "unknown key of a section": (BASE + "train: {iteration: 5}\n", "iterations"),
    "unknown key of a method": ("methods: {HiT-SIR: {optoins: {}}}\n", "options"),
    "half an iteration": (BASE + "train: {iterations: 2.5}\n", "iterations"),
    "no iteration": (BASE + "train: {iterations: 0}\n", "iterations"),
    "iterations in words": (BASE + "train: {iterations: many}\n", "iterations"),
    "iterations true": (BASE + "train: {iterations: true}\n", "iterations"),
    "iterations .nan": (BASE + "train: {iterations: .nan}\n", "iterations"),
    "learning rate .nan": (BASE + "train: {learning_rate: .nan}\n", "learning_rate"),
    "learning rate .inf": (BASE + "train: {learning_rate: .inf}\n", "learning_rate"),
    "learning rate below 0": (BASE + "train: {learning_rate: -1}\n", "learning_rate"),
    "1e999": (BASE + "train: {learning_rate: 1e999}\n", "learning_rate"),
    "unknown loss": (BASE + "train: {loss: l2}\n", "charbonnier"),
    "scale 5": (BASE + "scales: [5]\n", "scales"),
    "scale twice": (BASE + "scales: [2, 2]\n", "scales"),
    "no scale": (BASE + "scales: []\n", "scales"),
    "run ..": (BASE + "run: '..'\n", "run"),
    "run .": (BASE + "run: .\n", "run"),
    "run a/b": (BASE + "run: a/b\n", "run"),
    "run ends in newline": (BASE + 'run: "a\\n"\n', "run"),
    "run empty": (BASE + 'run: ""\n', "run"),
    "run is a list": (BASE + "run: [a]\n", "run"),
    "run -rf": (BASE + "run: -rf\n", "run"),
    "method ..": ("methods: {'..': {extends: HiT-SIR}}\n", "methods"),
    "method with newline": ('methods: {"a\\n": {extends: HiT-SIR}}\n', "methods"),
    "method with slash": ("methods: {a/b: {extends: HiT-SIR}}\n", "methods"),
    "method of 300 letters": (f"methods: {{{'a' * 300}: {{extends: HiT-SIR}}}}\n", "methods"),
    "data set ..": ("datasets: {'..': {photographs: [coffee]}}\ntest_sets: ['..']\n", "datasets"),
    "data set with newline": ('datasets: {"a\\n": {photographs: [coffee]}}\n', "datasets"),
    "unknown data set": (BASE.replace("[b]", "[c]"), "test_sets"),
    "unknown photograph": (BASE.replace("coffee", "coffe"), "coffee"),
    "two kinds of data set": (BASE.replace("[coffee]", "[coffee], folder: x"), "datasets"),
    "no kind of data set": (BASE.replace("{photographs: [coffee]}", "{}"), "datasets"),
    "selection without images": (BASE.replace("[coffee]", "[coffee], images: []"), "images"),
    "everything excluded": (BASE.replace("[coffee]", "[coffee], exclude: [coffee]"), "exclude"),
    "rows backwards": (BASE.replace("[coffee]", "[coffee], rows: [0.5, 0.1]"), "rows"),
    "rows empty": (BASE.replace("[coffee]", "[coffee], rows: [0.5, 0.5]"), "rows"),
    "rows of three": (BASE.replace("[coffee]", "[coffee], rows: [0, 0.1, 1]"), "rows"),
    "rows beyond 1": (BASE.replace("[coffee]", "[coffee], rows: [0, 2]"), "rows"),
    "marker nobody knows": (BASE.replace("HiT-SIR: {}", "HiT-SIR: {marker: Q}"), "marker"),
    "colour in words": (BASE.replace("HiT-SIR: {}", "HiT-SIR: {colour: red}"), "colour"),
    "missing weights": (BASE.replace("HiT-SIR: {}", "HiT-SIR: {weights: {2: /nowhere.pth}}"), "nowhere.pth"),
    "weights of scale 7": (BASE.replace("HiT-SIR: {}", "HiT-SIR: {weights: {7: x.pth}}"), "weights"),
    "unknown method": ("methods: {HiT-SRI: {}}\n", "HiT-SIR"),
    "unknown option": (BASE.replace("HiT-SIR: {}", "HiT-SIR: {options: {dims: 3}}"), "dim"),
    "method without a network": ("methods: {Lanczoss: {}}\n", "Lanczoss"),
    "no method": ("methods: {}\n", "methods"),
    "methods as a list": ("methods: [Bicubic, HiT-SIR]\n", "methods"),
    "options as text": (BASE.replace("HiT-SIR: {}", "HiT-SIR: {options: dim}"), "options"),
    "variant that an axis does not have": (BASE + "ablations: {windows: {variants: {fixed9: {}}}}\n", "fixed9"),
    "unknown axis": (BASE + "ablations: {window: {}}\n", "window"),
    "base of an axis that is not there": ("methods: {Bicubic: {}}\nablations: {windows: {}}\n", "HiT-SIR"),
    "unknown table": (BASE + "report: {tables: [mian]}\n", "main"),
    "unknown figure": (BASE + "report: {figures: [cropss]}\n", "crops"),
    "crop of an unknown set": (BASE + "report: {crops: [{dataset: c, image: d}]}\n", "crops"),
    "seed below 0": (BASE + "seeds: [-1]\n", "seeds"),
    "seed twice": (BASE + "seeds: [1, 1]\n", "seeds"),
    "milestone beyond 1": (BASE + "train: {milestones: [1.5]}\n", "milestones"),
    "one beta": (BASE + "train: {betas: [0.9]}\n", "betas"),
    "validated on a test set": (BASE + "validation_set: b\n", "test_sets"),
    "a list": ("- run\n", ""),
    "a word": ("run\n", ""),
    "nothing": ("", ""),
    "a tab": ("run:\tx\n\tscales: [2]\n", ""),
    "an open bracket": ("scales: [2, 3\n", ""),
    "an anchor of itself": ("a: &a [*a]\n", ""),
    "code": (f"run: !!python/object/apply:os.system ['touch {EXECUTED}']\n", ""),
    "Python of a template": (f"__use_yte__: true\n{BASE}run: ?open('{EXECUTED}', 'w').name\n", "__use_yte__"),
    "a tag that does not fit": ("run: !!bool perhaps\n", "perhaps"),
    "a date that is none": (BASE + "run: 2020-13-45\n", "Snakemake"),
    "two documents": ("run: a\n---\nrun: b\n", ""),
    "billion laughs": (
        "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)), ""
    ),
}  # fmt: skip
"""Content of a file, and a word that the message has to say."""
BYTES = {
    "UTF-16": BASE.encode("utf-16"),
    "UTF-16 without a mark": BASE.encode("utf-16-be"),
    "UTF-32": BASE.encode("utf-32"),
    "Latin-1": (BASE + "run: gr\xfcn\n").encode("latin-1"),
    "zero bytes": BASE.encode() + b"\0\0",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(99),
}
ACCEPTED = {
    "2e-4": ("train: {learning_rate: 2e-4}\n", ("train", "learning_rate"), 2e-4),
    "2E4 iterations": ("train: {iterations: 2e4}\n", ("train", "iterations"), 20_000),
    "2.0 iterations": ("train: {iterations: 2.0}\n", ("train", "iterations"), 2),
    "run 007": ("run: 007\n", ("run",), "007"),
    "run 1e3": ("run: 1e3\n", ("run",), "1e3"),
    "run 1.0": ("run: 1.0\n", ("run",), "1.0"),
    "run 1_000": ("run: 1_000\n", ("run",), "1_000"),
    "byte order mark": ("\ufeffrun: marked\n", ("run",), "marked"),
    "windows line ends": ("run: dos\r\nscales: [3]\r\n", ("run",), "dos"),
    "home folder": ("data_root: ~/sets\n", ("data_root",), None),
}


def read(text: str | bytes, arena: Arena) -> dict:
    with arena.folder() as folder:
        path = folder / "config.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            check_readable(path)  # as before Snakemake reads it
            return resolve(read_yaml(path))
        finally:
            demand(not EXECUTED.exists(), "is executed")


def refuse(text: str | bytes, word: str, arena: Arena) -> None:
    try:
        read(text, arena)
    except HitsrError as error:
        said = str(error)
        demand("\n" not in said and said.isprintable(), f"message is not one printable line: {said!r}")
        demand(word in said, f"message does not name {word!r}: {said}")
        demand(len(said) < 1500, f"message of {len(said)} letters")
    else:
        demand(False, "is accepted")


def accept(text: str, keys: tuple[str, ...], expected: object, arena: Arena) -> None:
    found = read(
        BASE.encode() + text.encode() if not text.startswith("\ufeff") else text.encode() + BASE.encode(), arena
    )
    for key in keys:
        found = found[key]
    if expected is None:
        demand("~" not in found, f"is {found!r}")
    else:
        demand(found == expected and type(found) is type(expected), f"is {found!r}")


def attacks() -> Iterator[Attack]:
    for name, (text, word) in REFUSED.items():
        yield Attack(KIND, name, partial(refuse, text, word))
    for name, content in BYTES.items():
        yield Attack(KIND, name, partial(refuse, content, "config.yaml"))
    for name, (text, keys, expected) in ACCEPTED.items():
        yield Attack(KIND, name, partial(accept, text, keys, expected))
