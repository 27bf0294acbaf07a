"""What all settings of steps share: a digest of what decides the result, the fingerprint of the code that makes it."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from hitsr.configuration.ablations import all_methods
from hitsr.data.contents import file_digest
from hitsr.errors import ConfigError
from hitsr.networks.registry import SPANDREL, layout_module, network_module
from hitsr.results import fingerprints
from hitsr.results.layout import CHECKSUMS
from hitsr.results.lineage import made_of

FREE = "free"
"""Marks a field that changes how a step runs, never its result: `Annotated[str, FREE]`."""
IDENTITY = ("method", "scale", "seed", "dataset", "part", "name")
"""Fields that tell the jobs of a step apart, where it has them."""
DIGITS = 12
"""Hexadecimal digits of a digest."""


class Settings(BaseModel):
    """Settings that cannot be changed and have no other fields than declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def deciding(self) -> dict[str, Any]:
        """The fields that decide the result, as JSON knows them."""
        return self.model_dump(mode="json", exclude=_free(type(self)))


@cache
def _free(kind: type[Settings]) -> set[str]:
    return {name for name, field in kind.model_fields.items() if FREE in field.metadata}


class Step(Settings):
    """Everything that a step reads of the configuration, and nothing else.

    Attributes:
        noun: name of rule, verb and folder.
        unseen: modules that the step's code imports for what it records beside the result, or to be faster with the
            same result: they are no part of its fingerprint.
    """

    noun: ClassVar[str]
    unseen: ClassVar[tuple[str, ...]] = ()

    def entries(self) -> tuple[str, ...]:
        """Modules whose code makes the result, with all that they import."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """What tells this job from others of its step, for names of files; the digest tells the rest."""
        found = {name: getattr(self, name) for name in IDENTITY if name in type(self).model_fields}
        shown = {"scale": "x{}", "seed": "seed{}"}
        return "-".join([self.noun, *(shown.get(name, "{}").format(value) for name, value in found.items())])

    @cached_property
    def digest(self) -> str:
        """Of what decides the result: 12 hexadecimal digits."""
        text = json.dumps([self.noun, self.deciding()], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:DIGITS]

    @cached_property
    def fingerprint(self) -> str:
        """Of the code that makes the result: 12 hexadecimal digits."""
        return fingerprints.source_digest(*self.entries(), without=self.unseen)

    @property
    def code(self) -> dict[str, str]:
        """Fingerprints of the files with that code."""
        return fingerprints.sources(*self.entries(), without=self.unseen)

    def origin_of(self, *files: Path | None) -> dict[str, Any]:
        """What a result records of its settings, its code and the files it is made of, for `Stopwatch.provenance`.

        Args:
            files: that the step reads: records and weights; None stands for one that is not needed.

        Raises:
            ResultError, FileError: a file is missing or damaged.
        """
        return {
            "config_digest": self.digest,
            "source_digest": self.fingerprint,
            "settings": self.deciding(),
            "sources": self.code,
            "made_of": made_of(*files),
        }

    @property
    def origin(self) -> dict[str, Any]:
        """`origin_of` a step that reads no files, or none that change."""
        return self.origin_of()


class Network(Settings):
    """A network with its options; by which implementation it is computed decides nothing beyond rounding.

    Attributes:
        checkpoint: SHA-256 of the checkpoint that spandrel recognises the network from; None for any other.
    """

    name: str
    options: dict[str, Any]
    checkpoint: str | None = None

    @property
    def module(self) -> str:
        """What its code is in."""
        return network_module(self.name)

    @property
    def official(self) -> tuple[str, ...]:
        """What its official checkpoints are read by."""
        layout = layout_module(self.name)
        return ("hitsr.checkpoints.official", *([layout] if layout else []))


class Weights(Settings):
    """Given weights: what their file holds; None if it has still to be got."""

    sha256: str | None
    official: bool


def network_of(entry: Mapping[str, Any], scale: int) -> Network | None:
    """The network of a method of a configuration at a scale; None for a method without one.

    Raises:
        FileError: a checkpoint that spandrel is to recognise is missing.
    """
    if entry["network"] != SPANDREL:
        return Network(name=entry["network"], options=entry["options"]) if entry["network"] else None
    path = entry["weights"][str(scale)]
    return Network(name=SPANDREL, options={"checkpoint": path}, checkpoint=file_digest(path, CHECKSUMS))


def method_of(config: dict, method: str) -> dict:
    """A method of a configuration, or a variant of its ablations.

    Raises:
        ConfigError: there is none of this name.
    """
    known = all_methods(config)
    if method not in known:
        raise ConfigError(f"unknown method {method!r}; the configuration has {', '.join(known)}")
    return known[method]


def network_or_refuse(method: str, entry: dict, scale: int, why: str) -> Network:
    """The network of a method at a scale.

    Raises:
        ConfigError: it has none.
        FileError: a checkpoint that spandrel is to recognise is missing.
    """
    network = network_of(entry, scale)
    if network is None:
        raise ConfigError(f"{method} is no network: {why}")
    return network
