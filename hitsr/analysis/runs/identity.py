"""What a method of a run is, whatever it is called: its network, how it was trained, on what, and how it was used.

Taken from what the measurement files record of themselves, never from a configuration that may have changed since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hitsr.errors import ResultError
from hitsr.results.records import read_record
from hitsr.results.stale import changed_keys, shortened

if TYPE_CHECKING:
    from hitsr.analysis.runs.opening import Run

TRAINING_IMAGES = "training images"
Content = Mapping[str, Any]
"""Nested mapping of what decides a result, as JSON knows it."""


@dataclass
class Method:
    """A method of a run at one scale.

    Attributes:
        name: what the run calls it.
        network: its name, options and checkpoint, or the kind of an interpolation, or the pattern of ready images.
        training: what made its weights, and how images were made with them; empty where it was only counted or timed.
        file: a file that this was read from.
    """

    name: str
    scale: int
    network: Content
    training: Content = field(default_factory=dict)
    file: str = ""

    def __str__(self) -> str:
        return f"{self.name} x{self.scale}"

    @property
    def trained(self) -> bool:
        """Whether its run trained it: no interpolation, no ready images, no given weights."""
        return TRAINING_IMAGES in self.training

    def same_as(self, other: Method) -> bool:
        """Whether both are one method; where one was only counted or timed, whether it is the same network."""
        both = self.training and other.training
        return self.network == other.network and (not both or self.training == other.training)

    def differences(self, other: Method) -> tuple[str, ...]:
        """In what `other` differs, such as `learning_rate: 0.001 -> 0.0005`."""
        found = list(changed_keys(self.network, other.network))
        if self.training and other.training:
            found += changed_keys(self.training, other.training)
        return tuple(found)


def methods(run: Run) -> dict[tuple[str, int], Method]:
    """Every method of a run by name and scale.

    Raises:
        ResultError: a record that says how one was made is missing, or results of one method were made differently.
    """
    found: dict[tuple[str, int], Method] = {}
    for file, record in run.records.items():
        for one in _read(run, file, record):
            known = found.setdefault((one.name, one.scale), one)
            if not known.same_as(one):
                raise ResultError(
                    f"{one.file}: {one} was made otherwise than in {known.file} "
                    f"({shortened(known.differences(one))}); delete one of them and run again"
                )
            if one.training and not known.training:
                known.training = one.training
    return found


def _read(run: Run, file: str, record: dict) -> Iterator[Method]:
    settings = record.get("provenance", {}).get("settings")
    kind = record["kind"]
    if kind in ("quality", "complexity", "latency", "resolutions") and not settings:
        raise ResultError(f"{file}: does not say how it was made (of an older version?); make it again")
    if kind == "quality":
        yield _scored(run, file, record)
    elif kind == "complexity":
        yield Method(record["method"], record["scale"], settings["network"], file=file)
    elif kind in ("latency", "resolutions"):
        for each in settings["contestants"]:
            yield Method(each["method"], settings["scale"], each["network"], file=file)


def _scored(run: Run, file: str, record: dict) -> Method:
    """The method whose images were scored, by what their list says of itself, and the history of their weights."""
    restored = _only(run, file, record, "restore")
    made = restored["provenance"]["settings"]
    network = made["network"] or {"interpolation": made["interpolation"], "images": made["images"] and made["ready"]}
    training: dict[str, Any] = {key: made[key] for key in ("weights", "precision", "tile", "self_ensemble")}
    if made["network"] and made["weights"] is None:
        folder = run.layout.train(record["method"], record["scale"], record["seed"])
        history = run.layout.history(record["method"], record["scale"], record["seed"])
        if not history.is_file():
            raise ResultError(f"{history}: is missing, which says how {folder.parent} was trained; copy it too")
        origin = read_record(history)["provenance"]
        learnt = origin["settings"]
        training |= {**learnt["train"], "starts_from_x2": learnt["starts_from_x2"]}
        training[TRAINING_IMAGES] = _images_of(run, origin, learnt["training_set"], record["scale"])
    return Method(record["method"], record["scale"], network, training, file)


def _images_of(run: Run, origin: dict, dataset: str, scale: int) -> str:
    """Identity of the images of a data set when something was made of them."""
    wanted = run.layout.images(dataset, scale)
    return next((identity for path, identity in run.made_of({"provenance": origin}) if path == wanted), "unknown")


def _only(run: Run, file: str, record: dict, step: str) -> dict:
    """The one record of a step that a record was made of.

    Raises:
        ResultError: it is not there.
    """
    folder = run.layout.results / step
    paths = [path for path, _ in run.made_of(record) if Path(path).is_relative_to(folder)]
    if len(paths) != 1:
        raise ResultError(f"{file}: does not say what it was made of; make it again")
    if not paths[0].is_file():
        raise ResultError(f"{paths[0]}: is missing, which says how {file} was made; copy it too (images may stay away)")
    return read_record(paths[0])
