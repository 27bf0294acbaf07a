"""The files that a data set is made from.

Imports neither NumPy nor Pillow: the workflow asks while it builds its graph.
"""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from hitsr.data import contents
from hitsr.data.adoption import adopted, given_low
from hitsr.data.folders import list_images, same, survey
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.errors import ConfigError, ImageError


@dataclass(frozen=True)
class Source:
    """One high-resolution image before it is read.

    Attributes:
        source: where it is from; None if a public data set is asked for without the catalogue's description.
    """

    name: str
    path: Path
    source: str | None
    licence: str


@dataclass(frozen=True)
class Sources:
    """The images that a data set takes, in its order, and what lies beside them in its folder and is passed over.

    Attributes:
        passed_over: why, by name of the file.
    """

    images: list[Source]
    passed_over: dict[str, str] = field(default_factory=dict)


def sources(dataset: dict, name: str, root: Path | None) -> Sources:
    """The images that data set `name` takes.

    Args:
        dataset: its entry in the configuration: `photographs`, `folder` or `public`, and what to take of them.
        root: folder of the public data sets; nothing else needs it.

    Raises:
        ImageError: a missing or empty folder, or a name that cannot be written into results.
        ConfigError: a name under `images` or `exclude` that the folder does not have, or nothing is left.
    """
    if "photographs" in dataset:
        known = [PHOTOGRAPHS[key] for key in dataset["photographs"]]
        found = [Source(key, p.path, p.source, p.licence) for key, p in zip(dataset["photographs"], known, strict=True)]
    else:
        rights = dataset.get("source", dataset.get("folder")), dataset.get("licence", "not stated")
        found = [Source(path.stem, path, *rights) for path in files_of(dataset, root)]
    available = {same(item.name): item for item in found}
    chosen = {
        key: dict.fromkeys(_known(str(stem), available, name, key) for stem in dataset.get(key, ())) for key in _CHOICES
    }
    images = [
        available[stem]
        for stem in (chosen["images"] if "images" in dataset else available)
        if stem not in chosen["exclude"]
    ]
    if not images:
        raise ConfigError(f"config.datasets.{name}: no image is left after `images` and `exclude`; take one at least")
    for item in images:
        _check_name(item.path)
    passed_over = survey(_folder(dataset))[1] if "folder" in dataset else {}
    return Sources(images, passed_over)


def inputs(dataset: dict, name: str, scale: int, root: Path | None) -> list[Path]:
    """All files that data set `name` at `scale` depends on: its images, and given low-resolution ones beside them.

    Raises:
        ImageError, ConfigError: as `sources`.
    """
    high = [item.path for item in sources(dataset, name, root).images]
    low = [given_low(path, scale) for path in high] if takes_given_low(dataset) else []
    return [*high, *(path for path in low if path)]


def digest(dataset: dict, name: str, scale: int, root: Path | None, cache_file: Path) -> str:
    """SHA-256 of everything that data set `name` at `scale` is made from (`hitsr.data.contents.digest`).

    Raises:
        ImageError, ConfigError: as `sources`.
        FileError: an image cannot be read.
    """
    return contents.digest(inputs(dataset, name, scale, root), cache_file)


def takes_given_low(dataset: dict) -> bool:
    """Whether low-resolution images that lie beside those of a data set belong to them: not to parts of images."""
    return "photographs" not in dataset and "rows" not in dataset


def files_of(dataset: dict, root: Path | None) -> list[Path]:
    """All image files of a `folder` or `public` data set.

    Raises:
        ImageError: the folder is missing or empty, or the public data set is not under `root`.
    """
    if "folder" in dataset:
        return list_images(_folder(dataset))
    assert root is not None, "public data sets need a root"
    files = adopted(dataset["public"], root)
    if files is None:
        raise ImageError(f"{dataset['public']}: not under {root}/; get it with `hitsr download`, or change data_root")
    return files


_CHOICES = ("images", "exclude")


def _folder(dataset: dict) -> Path:
    folder = Path(dataset["folder"])
    return folder / "HR" if (folder / "HR").is_dir() else folder


def _known(stem: str, available: dict[str, Source], name: str, key: str) -> str:
    if same(stem) not in available:
        raise ConfigError(f"config.datasets.{name}.{key}: no image {stem!r}; there are {_shortened(list(available))}")
    return same(stem)


def _check_name(path: Path) -> None:
    """Refuse a name that tables cannot hold."""
    kinds = {unicodedata.category(character) for character in path.name}
    if kinds & {"Cc", "Cs", "Zl", "Zp"}:
        what = "is not UTF-8" if "Cs" in kinds else "holds a line break or control character"
        raise ImageError(f"{path}: the name {what}, so that no table can hold it; rename the file")


def _shortened(names: list[str], shown: int = 12) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
