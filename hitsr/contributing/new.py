"""Make the folder of a new baseline from `baselines/_template`."""

import re
import shlex
from pathlib import Path

from hitsr.atomic import write_text
from hitsr.errors import ConfigError
from hitsr.networks.discovery import discover, shipped
from hitsr.networks.signatures import baselines_folder

TEMPLATE, NAME, CLASS = "_template", "My-Network", "MyNetwork"
"""What the template calls itself."""
VALID = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_.+][A-Za-z0-9]+)*\Z")


def make(name: str, parent: Path | None = None) -> Path:
    """Copy the template to a folder of its own, under the new name.

    Args:
        name: as tables print it.
        parent: folder to make it in; `baselines/` of the suite if left out.

    Raises:
        ConfigError: no usable name, or one that a method has already, or a folder that is there.
    """
    if not VALID.match(name):
        raise ConfigError(
            f"{name!r}: expected a name such as My-Net: letters and digits, joined by '-', '_', '.' or '+'"
        )
    folder = (parent or baselines_folder()) / re.sub(r"[^a-z0-9]+", "_", name.lower())
    known = shipped().merged(discover([parent])) if parent and any(parent.glob("*/method.yaml")) else shipped()
    if name in known.methods or name in known.broken:
        place = known.methods[name]["folder"] if name in known.methods else known.broken[name]
        raise ConfigError(f"{name}: there is a method of this name ({place}); choose another one")
    if folder.exists():
        raise ConfigError(f"{folder}: is there already; choose another name, or remove it")
    for path in sorted((baselines_folder() / TEMPLATE).glob("*.*")):
        if path.suffix in (".yaml", ".py"):
            write_text(folder / path.name, _renamed(path.read_text(encoding="utf-8"), name))
    return folder


def _renamed(text: str, name: str) -> str:
    """The template under another name, without what it says about copying it."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("# Copy this folder")]
    return "".join(lines).replace(CLASS, class_name(name)).replace(NAME, name)


def class_name(name: str) -> str:
    """Name of the class: `MyNet` for My-Net."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def next_commands(name: str, folder: Path) -> list[tuple[str, str]]:
    """What to do next: a command each, and what it does."""
    outside = [] if folder.resolve().parent == baselines_folder() else ["--folder", str(folder)]
    plugin = [f"plugins=[{str(folder.resolve())!r}]"] if outside else []
    run = [f"run={folder.name}", f"methods={{Bicubic: {{}}, {name}: {{}}}}", *plugin, "ablations={}"]
    run += ["latency={resolutions: {methods: null}}", "attribution={methods: null}"]
    return [
        (shlex.join(["$EDITOR", str(folder / "network.py")]).replace("'$EDITOR'", "$EDITOR"), "write your network"),
        (shlex.join(["hitsr", "check", "baseline", name, *outside]), "try all that the suite will do with it"),
        (
            shlex.join(["snakemake", "--cores", "2", "--config", *run, "--", "all"]),
            f"train it on the demo's photographs: reports/{folder.name}/report.html",
        ),
    ]
