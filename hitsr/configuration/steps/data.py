"""Settings of the steps that make data sets: download, prepare, pack, leaks."""

import operator
from collections.abc import Iterable
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, ClassVar

from hitsr.configuration.questions import used_sets
from hitsr.configuration.steps.base import FREE, Step
from hitsr.errors import ConfigError, ImageError, ResultError
from hitsr.results.layout import CHECKSUMS, Layout
from hitsr.results.records import read_record

RIGHTS = ("cite",)
"""Keys of a data set that only the report shows."""


class DownloadSettings(Step):
    """A public data set, adopted from the user's folders or downloaded into them; what arrives is checked."""

    noun: ClassVar[str] = "download"
    dataset: str
    public: str
    data_root: str

    def entries(self) -> tuple[str, ...]:
        return ()


class PrepareSettings(Step):
    """One data set at one scale.

    Attributes:
        entry: its keys in the configuration.
        contents: SHA-256 of the names and contents of all files it is made from; None if they are not there yet.
    """

    noun: ClassVar[str] = "prepare"
    dataset: str
    scale: int
    entry: dict[str, Any]
    data_root: Annotated[str | None, FREE]
    contents: str | None

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.data.prepare",)


class BicubicSettings(PrepareSettings):
    """Bicubic interpolation of one data set by the protocol of printed rows; whether files are gray counts there."""

    noun: ClassVar[str] = "bicubic"

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.measure.printed_bicubic",)


class PackSettings(Step):
    """Pixels of a prepared data set in one array: of part HR or xS."""

    noun: ClassVar[str] = "pack"
    dataset: str
    part: str
    scale: Annotated[int, FREE]

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.data.packed",)


class LeaksSettings(Step):
    """Looking for photographs that are in two data sets: which sets, and what the run uses each for."""

    noun: ClassVar[str] = "leaks"
    roles: dict[str, str]
    scale: int

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.data.leaks",)


def entry_of(config: dict, dataset: str) -> dict:
    """A data set of a configuration.

    Raises:
        ConfigError: there is none of this name.
    """
    if dataset not in config["datasets"]:
        raise ConfigError(f"unknown data set {dataset!r}; the configuration has {', '.join(config['datasets'])}")
    return config["datasets"][dataset]


def download(config: dict, dataset: str) -> DownloadSettings:
    """Settings of getting a public data set.

    Raises:
        ConfigError: it is none.
    """
    entry = entry_of(config, dataset)
    if "public" not in entry:
        raise ConfigError(f"config.datasets.{dataset}: is not a public data set; there is nothing to download")
    return DownloadSettings(dataset=dataset, public=entry["public"], data_root=config["data_root"])


def prepare(config: dict, dataset: str, scale: int) -> PrepareSettings:
    """Settings of preparing a data set.

    Raises:
        ConfigError, ImageError, FileError: a file that it is to be made from is missing or cannot be read.
    """
    return PrepareSettings(**_prepared(config, dataset, scale))


def bicubic(config: dict, dataset: str, scale: int) -> BicubicSettings:
    """Settings of bicubic interpolation by the protocol of printed rows.

    Raises:
        ConfigError, ImageError, FileError: as `prepare`.
    """
    return BicubicSettings(**_prepared(config, dataset, scale))


def _prepared(config: dict, dataset: str, scale: int) -> dict[str, Any]:
    entry = {key: value for key, value in entry_of(config, dataset).items() if key not in RIGHTS}
    root = config["data_root"] if "public" in entry else None
    contents = _contents(entry, dataset, scale, root, Layout(config["run"]).images(dataset, scale))
    return {"dataset": dataset, "scale": scale, "entry": entry, "data_root": root, "contents": contents}


def _contents(entry: dict, dataset: str, scale: int, root: str | None, record: Path) -> str | None:
    """What a data set is to be made from.

    A public one may not be there when it is planned, and nobody knows then what will be. What was found in the end is
    in the record of the data set: as long as that is there still, or nothing is, the plan has not changed.
    """
    from hitsr.data.sources import digest

    try:
        present = digest(entry, dataset, scale, Path(root) if root else None, CHECKSUMS)
    except ImageError:
        # `download` says what is wrong with a public data set
        if root is None and Path(entry["folder"]).exists():
            raise
        present = None
    found = planned_contents(record, ("contents",), ("contents",), present)
    if found is None and present is None and root is None:
        raise ImageError(f"{entry['folder']}: no such folder of images")
    return found


def planned_contents(record: Path, made: Iterable[str], planned: Iterable[str], present: str | None) -> str | None:
    """What a result was planned to be made of, while what it was made of is there still, or nothing is; else `present`.

    Args:
        record: of the result.
        made: keys in the record under which it says what it was made of in the end.
        planned: keys of its settings under which it says what was planned; None there if nobody knew.
        present: what is there.
    """
    try:
        found = read_record(record)
        was = reduce(operator.getitem, made, found)
        plan: str | None = reduce(operator.getitem, planned, found["provenance"]["settings"])
    except (ResultError, KeyError, TypeError):
        return present
    return plan if present in (None, was) else present


def pack(config: dict, dataset: str, part: str) -> PackSettings:
    """Settings of packing a data set; its high-resolution images are the same at all scales.

    Raises:
        ConfigError: no such part.
    """
    entry_of(config, dataset)
    scales = {"HR": config["scales"][0], **{f"x{scale}": scale for scale in config["scales"]}}
    if part not in scales:
        raise ConfigError(f"--part {part}: expected one of {', '.join(scales)}")
    return PackSettings(dataset=dataset, part=part, scale=scales[part])


def leaks(config: dict) -> LeaksSettings:
    """Settings of looking for leaks."""
    return LeaksSettings(roles=used_sets(config), scale=config["scales"][0])
