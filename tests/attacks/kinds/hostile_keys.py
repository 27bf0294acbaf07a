"""Hostile texts in every key of the schema that takes text: nothing is executed, and steps get the text as it is."""

import contextlib
import copy
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from arena import Arena, Attack, Project, demand, photographs
from pydantic import BaseModel

from hitsr.configuration import resolve
from hitsr.configuration.models.run import Run
from hitsr.configuration.steps import Steps
from hitsr.errors import HitsrError
from hitsr.results.settings import Given, read_settings

SHELL = ("$(touch PWNED)", "`touch PWNED`", "; touch PWNED;", "';touch PWNED;'", '";touch PWNED;"', "\ntouch PWNED\n")
"""What a shell executes where it is not quoted, or in a pair of quotes."""
NAMES = SHELL[:-1]
"""Those that files may be called."""
OTHERS = (
    "| touch PWNED", "&& touch PWNED", "{wildcards.method}", "{}", "%s%n", "a b", "=cmd()", "<script>alert(1)</script>",
    "../../../tmp/x", "/etc/passwd", "-rf", "\\", "~", "*", "\u202e", "é", "名前", "x" * 300, "\0", "a|b|c",
)  # fmt: skip
"""What no path, template or table may take literally either."""
WHOLE = """
run: hostile
methods:
  Bicubic: {}
  Lanczos: {interpolation: lanczos}
  HiT-SIR: {weights: {2: given.safetensors}, options: {dim: 16, depths: [1], heads: 2, window_ratios: [0.5]}}
  SwinIR-Light: {options: {dim: 16, depths: [1], heads: 2}, recipe: hit, training_set: train, baseline: Bicubic,
                 cite: liang2021swinir, colour: "#123456", marker: o, note: a note, train: {loss: l1, device: cpu}}
  Mine: {extends: SwinIR-Light, stands_for: SwinIR-Light}
  Net: {network: "net.py:Net"}
  Ready: {images: "ready/{image}.png", declared: {source: a paper, parameters: {2: 7}, macs: {2: 7}}}
ablations:
  own: {title: a title, base: SwinIR-Light, base_label: a label, variants: {one: {label: a label, recipe: hit,
        training_set: train, options: {ffn_ratio: 1}, train: {loss: mse, device: cpu}}}}
  heads: {base: HiT-SIR, variants: {two: {options: {channel_heads: 2}, stands_for: spatial6-channel6}}}
plugins: [plugin]
datasets:
  train: {photographs: [coffee], rows: [0, 0.5]}
  test: {folder: photos, images: [cat, woman], exclude: [woman], colours: srgb, flatten: "#ffffff", licence: a licence,
         source: a source, cite: hit2024}
  public: {public: Set5}
data_root: sets
weights_root: weights
training_set: train
validation_set: train
watched_sets: [test]
test_sets: [test]
metrics: [psnr]
train: {iterations: 3, loss: l1, device: cpu}
restore: {precision: float32, max_memory: 1GiB, device: cpu}
latency: {implementations: [optimized], backends: [eager], device: cpu, resolutions: {methods: [SwinIR-Light]}}
attribution: {methods: [SwinIR-Light], device: cpu, patches: [{dataset: test, image: cat}]}
attention_cost: {device: cpu}
report: {tables: [main], figures: [cost], claims: [fewer-parameters], crops: [{dataset: test, image: cat}]}
"""
"""A configuration with a value for every key that takes text."""


def text_keys(kind: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Places of texts below a type of the schema: `*` is a name that the user chooses, `0` an entry of a list.

    Keys with a few choices are none: they take nothing else.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from text_keys(field.annotation, (*path, name))
    elif origin is Annotated:
        yield from text_keys(inner[0], path)
    elif origin in (Union, UnionType):
        for part in inner:
            yield from text_keys(part, path)
    elif origin is dict:
        yield (*path, "*")
        yield from text_keys(inner[1], (*path, "*", "value"))
    elif origin is list:
        yield from text_keys(inner[0], (*path, "0"))
    elif kind in (str, Any):
        yield path


def places(value: Any, path: tuple[str, ...]) -> Iterator[list]:
    """Where a configuration has a key of the schema: keys and indices; a name itself ends in "*"."""
    if not path or path == ("*",):
        if not path or (isinstance(value, dict) and value):
            yield [*path]
        return
    if path[:2] == ("*", "value") and isinstance(value, dict):
        for name, each in value.items():
            yield from ([name, *rest] for rest in places(each, path[2:]))
    elif path[0] == "0" and isinstance(value, list) and value:
        yield from ([0, *rest] for rest in places(value[0], path[1:]))
    elif isinstance(value, dict) and path[0] in value:
        yield from ([path[0], *rest] for rest in places(value[path[0]], path[1:]))


def changed(config: dict, place: list, value: str) -> dict:
    """The configuration with a text put before the one at a place, or before a name."""
    found = copy.deepcopy(config)
    inner = found
    for key in place[:-1]:
        inner = inner[key]
    if place[-1] == "*":
        name = next(iter(inner))
        inner[f"{value}{name}"] = inner.pop(name)
    else:
        inner[place[-1]] = f"{value}{inner[place[-1]]}"
    return found


def keys() -> dict[str, list]:
    """Every text key of the schema, and its place in `WHOLE`.

    Raises:
        NotSurvivedError: the schema has a key that `WHOLE` lacks.
    """
    whole, found = yaml.safe_load(WHOLE), {}
    for path in dict.fromkeys(text_keys(Run)):
        there = list(places(whole, path))
        demand(there, f"no hostile text is tried in {'.'.join(path)}: add it to WHOLE")
        found |= {".".join(map(str, place)): place for place in there}
    demand(len(found) > 50, f"only {len(found)} text keys were found")
    return found


@contextlib.contextmanager
def world(arena: Arena) -> Iterator[Path]:
    """A folder with what `WHOLE` names, also under hostile names."""
    with arena.folder() as folder, contextlib.chdir(folder):
        photographs(folder)
        Path("given.safetensors").write_bytes(b"not read before the step runs")
        Path("net.py").write_text("class Net:\n    pass\n")
        for name in ("ready", "plugin", "sets", "weights"):
            Path(name).mkdir()
        Path("plugin/method.yaml").write_text("name: Plugged\nnetwork: network.py:Net\n")
        Path("plugin/network.py").write_text("class Net:\n    pass\n")
        (folder / "ready" / "cat.png").write_bytes((folder / "photos" / "cat.png").read_bytes())
        for value in NAMES:
            for path in (folder / "photos" / "cat.png", folder / "photos" / "woman.png", folder / "ready" / "cat.png"):
                shutil.copy(path, path.with_name(f"{value}{path.name}"))
        for value in NAMES:
            for path in [path for path in folder.iterdir() if path.name[0].isalpha() and "PWNED" not in path.name]:
                copied = path.with_name(f"{value}{path.name}")
                shutil.copytree(path, copied) if path.is_dir() else shutil.copy(path, copied)
        yield folder


def accepted(config: dict, where: str) -> bool:
    """Whether a configuration is taken; if not, the message must be one printable line."""
    try:
        resolve(config)
    except HitsrError as error:
        text = str(error)
        demand("\n" not in text and text.isprintable(), f"{where}: no printable line: {text!r}")
        return False
    return True


def every_key(value: str, arena: Arena) -> None:
    """Each key by itself: taken as text, or refused in one line."""
    whole = yaml.safe_load(WHOLE)
    with world(arena) as folder:
        resolve(whole)
        before = sorted(folder.rglob("*"))
        for where, place in keys().items():
            accepted(changed(whole, place, value), where)
        demand(sorted(folder.rglob("*")) == before, "made files")


def commands(arena: Arena) -> None:
    """One plan with a hostile text in every key that takes it; the command of each job, run by a shell."""
    with world(arena) as folder:
        config, used = yaml.safe_load(WHOLE), {}
        for number, (where, place) in enumerate(keys().items()):
            texts = NAMES if "image" in where or "exclude" in where else SHELL
            for value in (*texts[number % len(texts) :], *texts[: number % len(texts)]):
                if place[-1] != "*" and accepted(changed(config, place, value), where):
                    config, used = changed(config, place, value), {**used, where: value}
                    break
        demand(len(used) >= 12 and set(used.values()) >= set(SHELL[:5]), f"only {used} can be hostile")
        project = Project(folder, config)
        done = project.run("-n", "--printshellcmds")
        demand(done.status == 0, f"cannot be planned: {done.last_words}")
        planned = [block.partition("\n\n")[0] for block in done.output.split("Shell command: ")[1:]]
        # the last rule, `all`, has none
        lines = [command for command in planned if not command.startswith("None")]
        demand(len(lines) > 20, f"only {len(lines)} commands")
        given = handed_over(folder, config)
        for line in lines:
            heard = recorded(folder, line)
            demand(len(heard) == 1 and heard[0][-2] == "--settings", f"hands over {heard}: {line}")
            demand(heard[0][-1] in given, f"hands over settings of no step: {heard[0][-1]}")
        demand(not list(folder.rglob("PWNED")), "executed a text")
        control(folder)


def handed_over(folder: Path, config: dict) -> set[str]:
    """Files with the settings of all steps, each of which reads back as what the configuration says."""
    resolved = resolve(config)
    steps = Steps(resolved)
    given = Given(Path("results/hostile/settings"), started=True)
    collected = steps.make("collect")
    for noun in ("table", "figure"):
        for name in resolved["report"][f"{noun}s"]:
            steps.make(noun, name=name)
    for noun in ("crops", "claims", "page"):
        steps.make(noun)
    for dataset in ("train", *config["test_sets"]):
        for part in ("HR", "x2"):
            steps.make("pack", dataset=dataset, part=part)
    found = {str(given.path(step)): step for step in [collected, *steps.made]}
    for path, step in found.items():
        demand(read_settings(Path(path), type(step)) == step, f"{path} holds something else than it was given")
    return set(found)


def recorded(folder: Path, command: str) -> list[list[str]]:
    """What a shell gives to `hitsr` when it runs a command of a rule, as Snakemake runs it."""
    log = folder / "arguments"
    log.unlink(missing_ok=True)
    stand_in = f"set -euo pipefail; hitsr() {{ printf '%s\\0' \"$@\" >> '{log}'; printf '\\n\\0' >> '{log}'; }}; "
    # Snakemake makes the folders of logs
    Path(command.rpartition("tee ")[2].strip(" ')")).parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["bash", "-c", stand_in + command], cwd=folder, capture_output=True, text=True)
    calls = log.read_text().split("\n\0")[:-1] if log.exists() else []
    return [call.split("\0")[:-1] for call in calls]


def control(folder: Path) -> None:
    """The way in which commands are tried sees every one of the texts where it is not quoted."""
    for value in SHELL:
        for quote in ("", "'", '"'):
            recorded(folder, f"hitsr train --weights {quote}{value}{quote}")
        demand((folder / "PWNED").exists(), f"{value!r} would not be seen")
        (folder / "PWNED").unlink()


def attacks() -> Iterator[Attack]:
    for value in SHELL:
        yield Attack("hostile texts", repr(value), partial(every_key, value))
    for value in OTHERS:
        yield Attack("hostile texts", repr(value[:30]), partial(every_key, value), long=True)
    yield Attack("hostile texts", "commands of all jobs", commands)
