"""The manual of all keys, docs/configuration.md, made of the models: `python -m hitsr.configuration.manual`."""

import inspect
import json
import re
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hitsr.configuration.models.ablation import CatalogueAxis
from hitsr.configuration.models.catalogs import PublicSets, PublishedWeights, Recipe
from hitsr.configuration.models.claims import Claim
from hitsr.configuration.models.run import Run
from hitsr.networks.declaration import Declaration
from hitsr.schema.types import Name, OneOf, Said, as_yaml

HEAD = """\
# Configuration

<!-- Made by `python -m hitsr.configuration.manual > docs/configuration.md`; a test keeps it current. -->

A run is one YAML file. Every key has a default, so a file states only what it changes. An unknown key, a wrong type, an
unknown method or data set is refused before anything starts, with the path of the key and what is valid:

    hitsr check --config mine.yaml

- Each key is given once. Numbers may be written `2e-4`, `500_000` or `2.0`; `.nan` and `.inf` are refused.
- A name is what is written: a data set may be called 100 or NA, a run 007. Names of runs, methods, data sets, axes and
  variants consist of letters, digits and a few signs, since they become folders.
- Paths are relative to the folder that the run is started in; `~` is the home folder.
- `snakemake --config KEY=VALUE` changes keys of `config/config.yaml`, or of the file given with `--configfile`.
  Values are YAML: `scales=[2,3] 'train={iterations: 20}' validation_set=null`. A section keeps the keys that are not
  named; a list, and what is listed by name (`methods`, `datasets`, `ablations`), is replaced. Several files after
  `--configfile` are combined in the same way.
- Snakemake reads `--configfile` before the workflow does. The default profile (`profiles/default/config.yaml`) looks at
  these files first and says in one line what is wrong: missing, empty, not YAML, or saved as UTF-16 or Latin-1, with
  the command that makes it UTF-8; so does `hitsr check --config FILE`. A profile of your own given with
  `--workflow-profile` takes its place, and then Snakemake's own messages appear.

## Top level
"""
CATALOGUES: dict[str, tuple[str, type[BaseModel]]] = {
    "method.yaml": ("A method in a folder of its own: `baselines/NAME/`, or one of `plugins`.", Declaration),
    "recipes.yaml": ("Published training recipes by name, `hitsr/catalogs/recipes.yaml`.", Recipe),
    "ablations.yaml": ("Axes by name, `hitsr/catalogs/ablations.yaml`.", CatalogueAxis),
    "datasets.yaml": ("Public data sets, `hitsr/catalogs/datasets.yaml`.", PublicSets),
    "weights.yaml": ("Published weights by network, `hitsr/catalogs/weights.yaml`.", PublishedWeights),
    "claims.yaml": ("Claims of the paper by name, `hitsr/catalogs/claims.yaml`.", Claim),
}
"""Files whose keys a user who adds something meets."""
NAMED = {int: "integer", float: "number", str: "text", bool: "true / false", type(None): "null"}
SIGNS = {"ge": "≥ {:g}", "gt": "> {:g}", "le": "≤ {:g}", "lt": "< {:g}", "multiple_of": "multiple of {:g}"}
Places = Mapping[type[BaseModel], str]
"""Models and their headings."""


def text() -> str:
    """The manual, in Markdown."""
    places = _places(Run, "")
    parts = [HEAD, _table(Run, places), *_sections(places, places)]
    parts += ["# Catalogues", "What may be added to the suite, each in a file of its own or as an entry of one."]
    for name, (said, model) in CATALOGUES.items():
        inner = _places(model, name, dict(places))
        known = {**places, **inner}
        parts += [f"## {name}", said, *_doc(model)[1:], _table(model, known), *_sections(inner, known)]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _sections(own: Places, known: Places) -> list[str]:
    """Heading, description and keys of each model of `own`."""
    parts = []
    for model, where in own.items():
        level = "###" if re.search("[.:]", where) else "##"
        parts += [f"{level} {where}", *_doc(model), _table(model, known)]
    return parts


def _places(model: type[BaseModel], path: str, seen: dict | None = None) -> dict[type[BaseModel], str]:
    """The sections below a model, each once, with the path of the key that holds it; its own keys come first."""
    seen = {} if seen is None else seen
    own: dict[type[BaseModel], str] = {}
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            if inner not in seen:
                own.setdefault(inner, f"{path}: {name}" if path.endswith(".yaml") else f"{path}.{name}".lstrip("."))
    found: dict[type[BaseModel], str] = {}
    for inner, where in own.items():
        found[inner] = where
        found |= _places(inner, where, {**seen, **own, **found})
    return found


def _models(kind: Any) -> list[type[BaseModel]]:
    """The models that a type is made of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for part in typing.get_args(kind) if not isinstance(part, str) for model in _models(part)]


def _doc(model: type[BaseModel]) -> list[str]:
    """Paragraphs of the docstring of a model."""
    return inspect.cleandoc(model.__doc__ or "").split("\n\n")


def _table(model: type[BaseModel], places: Places) -> str:
    rows = [_row(name, field, places) for name, field in model.model_fields.items()]
    return "\n".join(["| key | value | default | meaning |", "|:--|:--|:--|:--|", *rows])


def _row(name: str, field: FieldInfo, places: Places) -> str:
    kind = _words(field.annotation, field.metadata, places)
    if field.exclude_if is not None:
        kind, default = kind.removesuffix(" or null"), "–"
    elif field.is_required():
        default = "required"
    else:
        value = field.get_default(call_default_factory=True)
        default = "" if isinstance(value, BaseModel) else f"`{json.dumps(value, ensure_ascii=False)}`"
    return f"| `{name}` | {kind} | {default} | {field.description or ''} |".replace("\\|", "|")


def _words(kind: Any, metadata: Iterable[Any], places: Places) -> str:
    """A type in the words of the manual."""
    metadata = list(metadata)
    for item in metadata:
        if isinstance(item, Said):
            return item.words
        if isinstance(item, OneOf):
            return item.what
        if isinstance(item, Name):
            return "name"
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _words(inner[0], [*inner[1:], *metadata], places)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_words(part, metadata if part is not type(None) else (), places) for part in inner)
    if origin is typing.Literal:
        return " / ".join(as_yaml(choice) for choice in inner)
    bounds = _bounds(metadata)
    if origin is list:
        exactly = bounds.get("min_length") == bounds.get("max_length", 0)
        count = f"list of {bounds['min_length']}" if exactly else "list of"
        return f"{count} {_plural(_words(inner[0], (), places))}"
    if origin is dict:
        return f"{_words(inner[1], (), places)} by name"
    if kind in places:
        anchor = re.sub(r"[^\w -]", "", places[kind].lower()).replace(" ", "-")
        return f"[{places[kind]}](#{anchor})"
    limits = [SIGNS[name].format(bounds[name]) for name in SIGNS if name in bounds]
    return f"{NAMED[kind]} {', '.join(limits)}".strip()


def _plural(words: str) -> str:
    first, _, rest = words.partition(" ")
    return f"{first}s {rest}".strip() if first in ("integer", "number", "path", "list", "table", "figure") else words


def _bounds(metadata: list[Any]) -> dict[str, Any]:
    """Bounds by name, also of those that `Field` holds together."""
    found: dict[str, Any] = {}
    for item in metadata:
        found |= _bounds(item.metadata) if isinstance(item, FieldInfo) else {}
        for name in (*SIGNS, "min_length", "max_length"):
            if getattr(item, name, None) is not None:
                found[name] = getattr(item, name)
    return found


if __name__ == "__main__":
    print(text(), end="")
