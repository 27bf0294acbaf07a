"""The runs that are merged: what each is called, and which of its methods has which name in the merged run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from hitsr.analysis.runs.identity import Method, methods
from hitsr.analysis.runs.opening import Run, labels, open_run
from hitsr.errors import ConfigError, ResultError
from hitsr.results.stale import shortened

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")


@dataclass
class Source:
    """A run that is merged.

    Attributes:
        label: what the merged run calls it; part of file names.
        renamed: new names of its methods, by the old ones.
    """

    label: str
    run: Run
    renamed: dict[str, str] = field(default_factory=dict)

    @cached_property
    def methods(self) -> dict[tuple[str, int], Method]:
        """Its methods, by their own names."""
        return methods(self.run)

    def trained(self, method: str, scale: int) -> bool:
        """Whether it trained a method of its own; an interpolation has one result, whatever the seed."""
        return self.methods[method, scale].trained

    def called(self, method: str) -> str:
        """What the merged run calls a method of it."""
        return self.renamed.get(method, method)


def opened(given: Sequence[str], renames: Sequence[str] = ()) -> list[Source]:
    """The runs to merge, from `RUN`, `FOLDER` or `LABEL=FOLDER` each.

    Args:
        renames: `LABEL:OLD=NEW` each: new names of methods of one source.

    Raises:
        ConfigError: fewer than two, two of one label, or a rename of what is not there.
        ResultError: one is no run that was measured.
    """
    if len(given) < 2:
        raise ConfigError("expected at least two runs to merge")
    pairs = [text.split("=", 1) if re.match(r"[\w.-]+=", text) else ["", text] for text in given]
    runs = [open_run(folder) for _, folder in pairs]
    automatic = [_slug(text) for text in labels(*runs)]
    found = [Source(label or own, run) for (label, _), own, run in zip(pairs, automatic, runs, strict=True)]
    for source in found:
        if not NAME.match(source.label):
            raise ConfigError(f"{source.label}: a label is made of letters, digits, '.', '_' and '-'")
    names = [source.label for source in found]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two runs are called {name}; give each a name: {name}-1={runs[0].layout.results} ...")
    for text in renames:
        _rename(found, text)
    return found


def _slug(text: str) -> str:
    """Of `demo (one/checkout)`, the part in brackets, as a file name."""
    inner = re.search(r"\((.+)\)\Z", text)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", inner[1] if inner else text).strip("-.")


def _rename(sources: list[Source], text: str) -> None:
    label, _, names = text.partition(":")
    old, _, new = names.partition("=")
    source = next((source for source in sources if source.label == label), None)
    if source is None or not old or not new:
        there = ", ".join(source.label for source in sources)
        raise ConfigError(f"--rename {text}: expected LABEL:OLD=NEW, with a label of {there}")
    known = sorted({name for name, _ in source.methods})
    if old not in known:
        raise ConfigError(f"--rename {text}: {label} has no method {old!r}; there are {', '.join(known)}")
    if not re.match(r"[A-Za-z0-9][A-Za-z0-9_.+=-]*\Z", new):
        raise ConfigError(f"--rename {text}: {new!r} is no name of a method; use letters, digits and '_.+=-'")
    source.renamed[old] = new


def check_names(sources: list[Source]) -> None:
    """Refuse two different methods of one name: their numbers would be mixed.

    Raises:
        ResultError: there are such; the message names both, what differs, and how to rename one.
    """
    known: dict[tuple[str, int], tuple[Source, Method]] = {}
    for source in sources:
        for (name, scale), method in source.methods.items():
            first = known.setdefault((source.called(name), scale), (source, method))
            if not first[1].same_as(method):
                reason = shortened(first[1].differences(method))
                raise ResultError(
                    f"{source.called(name)} x{scale}: {first[0].label} and {source.label} have different methods of "
                    f"this name ({reason}); rename one: --rename {source.label}:{name}=NEW-NAME"
                )
