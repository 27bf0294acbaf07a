"""Patterns that find ready images. Imports neither NumPy nor Pillow: the workflow asks while it builds its graph.

A pattern says where they lie, such as `visual/{dataset}/x{scale}/{image}_IMDN_x{scale}.png`. `{dataset}`, `{scale}` and
`{image}` stand for the names in this suite; `*`, `?` and `[...]` match as in a shell.
"""

import glob
import string
from dataclasses import dataclass
from pathlib import Path

from hitsr.data.folders import EXTENSIONS
from hitsr.errors import ConfigError, ImageError

FIELDS = ("dataset", "scale", "image")
SHOWN = 5
"""Names that a message lists at most."""


@dataclass(frozen=True)
class Given:
    """The images of one data set that a pattern finds.

    Attributes:
        files: by name of the image, one for each.
        extra: files that the pattern also matches, of images that the data set does not have.
    """

    files: dict[str, Path]
    extra: list[Path]


def check_pattern(pattern: str, where: str) -> None:
    """Require a pattern that tells images apart.

    Raises:
        ConfigError: an unknown field, or no `{image}`; `where` is the path of the key.
    """
    try:
        found = {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}
    except ValueError as error:
        raise ConfigError(
            f"{where}: {pattern!r} is not a pattern ({error}); write {{image}} where the name stands"
        ) from error
    unknown = sorted(found.difference(FIELDS))
    if unknown:
        raise ConfigError(f"{where}: unknown field {{{unknown[0]}}}; there are {{dataset}}, {{scale}} and {{image}}")
    if "image" not in found:
        raise ConfigError(f"{where}: {pattern!r} finds one file for all images; put {{image}} where their name stands")


def find(pattern: str, dataset: str, scale: int, names: list[str]) -> Given:
    """The file of every image of a data set.

    Args:
        names: of the images of the data set.

    Raises:
        ImageError: images without a file, or with several; the message names them.
    """
    files: dict[str, Path] = {}
    missing = []
    for name in names:
        found = _matches(pattern, dataset, scale, glob.escape(name))
        if len(found) > 1:
            raise ImageError(
                f"{dataset}: {listed([str(path) for path in found])} all match {pattern!r} for the image {name!r}; "
                "make the pattern more precise"
            )
        if found:
            files[name] = found[0]
        else:
            missing.append(name)
    if missing:
        example = _filled(pattern, dataset, scale, missing[0])
        raise ImageError(
            f"{dataset} x{scale}: no super-resolved image for {listed(missing)} ({len(missing)} of {len(names)}); "
            f"looked for {example}; add them, correct the pattern, or leave them out with `exclude`"
        )
    known = set(files.values())
    return Given(files, [path for path in matching(pattern, dataset, scale) if path not in known])


def matching(pattern: str, dataset: str, scale: int) -> list[Path]:
    """Every image file that a pattern finds, whatever image of a data set it is of."""
    return _matches(pattern, dataset, scale, "*")


def _matches(pattern: str, dataset: str, scale: int, image: str) -> list[Path]:
    # Path.glob takes no absolute patterns
    found = glob.glob(_filled(pattern, glob.escape(dataset), scale, image))  # noqa: PTH207
    return sorted(Path(path) for path in found if path.lower().endswith(EXTENSIONS))


def _filled(pattern: str, dataset: str, scale: int, image: str) -> str:
    return str(Path(pattern.format(dataset=dataset, scale=scale, image=image)).expanduser())


def listed(names: list[str]) -> str:
    """Some names, and how many more there are."""
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
