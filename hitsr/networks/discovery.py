"""Discovery of methods: a folder with a `method.yaml` is a method. Imports neither PyTorch nor any network."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hitsr.catalogs import FOLDER
from hitsr.errors import ConfigError, OptionError
from hitsr.networks.declaration import Declaration
from hitsr.networks.signatures import baselines_folder
from hitsr.schema.checking import validated
from hitsr.schema.files import read_yaml

CATALOGUE = FOLDER / "methods.yaml"
"""The methods that are no baselines: the networks of the paper and bicubic interpolation."""
PALETTE = ("#009E73", "#F0E442", "#332288", "#44AA99", "#999933", "#AA4499", "#117733", "#661100", "#6699CC", "#888888")
"""Colours of methods that state none, in this order, those of others left out (Okabe and Ito; Tol's muted)."""
KINDS = ("network", "rules", "interpolation")
"""Keys that say what a method is: exactly one of them."""
PARTS = ("metrics", "tables", "figures")
"""Folders of a plug-in that hold no methods."""
ADVICE = "copy baselines/_template and change it"


@dataclass
class Discovery:
    """What was found.

    Attributes:
        methods: entries by name. Beside the keys of `Declaration`: `folder` that it was found in, `source` of its
            network, `FOLDER/FILE.py:Class`, and `network` as `hitsr.build` takes it, the name of a network of this
            suite or the source of a plug-in's; None without a network.
        broken: by the name that would have been, why a method cannot be used. Nothing else is affected.
    """

    methods: dict[str, dict] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, entry: dict) -> None:
        """Add a method; one of a name that is there makes both unusable, since it is unclear which is meant."""
        if name in self.methods:
            places = sorted((self.methods.pop(name)["folder"], entry["folder"]))
            self.broken[name] = f"two methods have the name {name!r}: in {' and in '.join(places)}; rename one of them"
        elif name not in self.broken:
            self.methods[name] = entry

    def merged(self, other: "Discovery") -> "Discovery":
        """Both, with names that both have unusable."""
        result = Discovery(dict(self.methods), {**self.broken, **other.broken})
        for name, entry in other.methods.items():
            result.add(name, entry)
        return result

    def get(self, name: str) -> dict:
        """The entry called `name`.

        Raises:
            OptionError: there is none, with the choices; or it is broken, with file and remedy.
        """
        if name in self.broken:
            raise OptionError(self.broken[name])
        if name not in self.methods:
            raise OptionError(f"unknown method {name!r}; choose one of {', '.join(self.methods)}")
        return self.methods[name]


@cache
def shipped() -> Discovery:
    """The methods of this suite: those of its catalogue and the folders of `baselines/`."""
    catalogue = Discovery()
    for name, raw in read_yaml(CATALOGUE).items():
        _add(catalogue, name, validated(Declaration, raw, f"{CATALOGUE.name}.{name}").model_dump(), FOLDER)
    found = discover([baselines_folder()]).merged(catalogue)
    for name, entry in found.methods.items():
        entry["network"] = name if entry["source"] else None
    # in tables, interpolation comes first
    found.methods = dict(sorted(found.methods.items(), key=lambda item: item[1]["network"] is not None))
    _colour(found.methods)
    return found


def discover(folders: Iterable[str | Path]) -> Discovery:
    """The methods in plug-in folders.

    Args:
        folders: each a method's folder, or a folder of such folders (those that start with "_" or "." are left out).

    Raises:
        OptionError: a folder does not exist, or holds no method.
    """
    found = Discovery()
    for folder in (Path(folder).expanduser() for folder in folders):
        if not folder.is_dir():
            raise OptionError(f"{folder}: no such plug-in folder; correct the path")
        if (folder / "method.yaml").exists():
            _add_folder(found, folder)
            continue
        inner = sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._")
        methods = [path for path in inner if path.name not in PARTS]
        if not any((path / "method.yaml").exists() for path in methods) and not _has_other_parts(folder):
            raise OptionError(f"{folder}: neither it nor a folder in it has a method.yaml; {ADVICE}")
        for path in methods:
            _add_folder(found, path)
    return found


def _has_other_parts(folder: Path) -> bool:
    """Whether a plug-in has what is no method: metrics, tables, figures or claims."""
    return any((folder / part).exists() for part in (*PARTS, "claims.yaml"))


def _add_folder(found: Discovery, folder: Path) -> None:
    file = folder / "method.yaml"
    try:
        if not file.is_file():
            raise OptionError(f"{file}: missing; {ADVICE}, or remove the folder")
        entry = read_declaration(file)
    except OptionError as error:
        found.broken.setdefault(folder.name, str(error))
        return
    _add(found, entry["name"] or folder.name, entry, folder)


def _add(found: Discovery, name: str, entry: dict, folder: Path) -> None:
    source = str(folder / entry["network"]) if entry["network"] else None
    found.add(name, {**entry, "name": name, "folder": str(folder), "network": source, "source": source})


def read_declaration(file: Path) -> dict:
    """The content of a `method.yaml`, with defaults.

    Raises:
        OptionError: not YAML, an unknown key, a wrong value, or not one of `network`, `rules` and `interpolation`.
    """
    try:
        entry = validated(Declaration, read_yaml(file), f"{file}:").model_dump()
    except ConfigError as error:
        raise OptionError(str(error)) from error
    if sum(entry[kind] is not None for kind in KINDS) != 1:
        raise OptionError(f"{file}: expected one of `network: FILE.py:Class`, `rules: FILE.smk`, `interpolation: NAME`")
    if entry["declared"] and not entry["rules"]:
        raise OptionError(f"{file}: declared: is for external programs only, as networks are counted; take it out")
    for key in ("network", "rules", "checkpoint"):
        if entry[key] and not (file.parent / entry[key].rsplit(":", 1)[0]).is_file():
            raise OptionError(f"{file}: {key}: no file {entry[key].rsplit(':', 1)[0]!r} in this folder; write it")
    return entry


def _colour(methods: dict[str, dict]) -> None:
    """Give those without a colour one that no other has."""
    taken = {entry["colour"] for entry in methods.values()}
    free = [colour for colour in PALETTE if colour not in taken]
    for number, entry in enumerate(entry for entry in methods.values() if entry["colour"] is None):
        entry["colour"] = free[number % len(free)]
