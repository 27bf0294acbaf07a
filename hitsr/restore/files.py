"""Super-resolve image files of any kind with one network: a file that fails is named, and the others are done."""

import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from hitsr.data.decoding import decode
from hitsr.data.degradation import upscale_bicubic
from hitsr.data.folders import survey
from hitsr.errors import ConfigError, HitsrError, ImageError, printable
from hitsr.networks.identity import identity
from hitsr.progress import progress
from hitsr.restore.ensemble import ORIENTATIONS
from hitsr.restore.inference import upscale
from hitsr.restore.within import told
from hitsr.restore.writing import Extension, write_image


@dataclass(frozen=True)
class Target:
    """Where a result goes.

    Attributes:
        folder: None for the folder of each image.
        suffix: what is put behind the name of each image; `{scale}` stands for the scale.
        extension: which is the format, too.
    """

    folder: Path | None = None
    suffix: str = "_x{scale}"
    extension: Extension = "png"

    def of(self, file: Path, scale: int) -> Path:
        """The result of an image."""
        name = f"{file.stem}{self.suffix.replace('{scale}', str(scale))}.{self.extension}"
        return (self.folder or file.parent) / name


@dataclass
class Outcome:
    """What became of the files."""

    written: list[Path] = field(default_factory=list)
    failed: list[Path] = field(default_factory=list)


def find(paths: Iterable[Path]) -> tuple[list[Path], dict[Path, str]]:
    """The images that files and folders are, and why other files of those folders are passed over.

    Raises:
        ImageError: a folder cannot be read or holds no image, or a file is given that is not there.
    """
    images: list[Path] = []
    passed_over: dict[Path, str] = {}
    for path in paths:
        if path.is_dir():
            found, others = survey(path)
            if not found:
                raise ImageError(f"{path}: holds no image")
            images += found
            passed_over |= {path / name: why for name, why in others.items()}
        else:
            images.append(path)
    return list(dict.fromkeys(images)), passed_over


def upscale_files(model: nn.Module, files: list[Path], target: Target, flatten: str | None, how: dict) -> Outcome:
    """Super-resolve files one by one; what fails is told on standard error.

    Transparency is enlarged by bicubic interpolation, or laid onto the colour `flatten`. RGB values keep their colour
    profile; other colours become sRGB.

    Args:
        how: keyword options of `hitsr.upscale`.

    Raises:
        ConfigError: a result would take the place of an image that is to be read, or of another result.
    """
    made = identity(model)
    targets = {file: target.of(file, made.scale) for file in files}
    _check_apart(targets)
    outcome = Outcome()
    with progress(total=len(files), desc=f"{made.name} x{made.scale}", unit="image", **_shown()) as bar:
        for number, file in enumerate(files):

            def tell(share: float, number: int = number) -> None:
                bar.n = round(number + share, 2)
                bar.update(0)

            try:
                for note in _upscale_file(model, file, targets[file], flatten, how, tell):
                    bar.write(printable(f"{file}: {note}"), file=sys.stderr)
            except HitsrError as error:
                bar.write(f"error: {_named(error, file, targets[file])}", file=sys.stderr)
                outcome.failed.append(file)
            else:
                outcome.written.append(targets[file])
            tell(1)
    return outcome


def _named(error: HitsrError, *files: Path) -> str:
    """What is said of an error: with the name of the image where it names neither that nor the result."""
    named = any(printable(str(file)) in str(error) for file in files)
    return str(error) if named else f"{printable(str(files[0]))}: {error}"


def _shown() -> dict[str, str]:
    """In a terminal a bar that moves within an image."""
    return {"bar_format": "{l_bar}{bar}| {n:.2f}/{total} [{elapsed}<{remaining}]"} if sys.stderr.isatty() else {}


def _upscale_file(
    model: nn.Module, file: Path, target: Path, flatten: str | None, how: dict, tell: Callable[[float], None]
) -> tuple[str, ...]:
    """Super-resolve one file; returns what is to be said about it."""
    image = decode(file, "kept")
    if flatten is not None:
        image = image.flattened(flatten)
    try:
        with told(model, _passes(image.rgb, how), tell):
            rgb = upscale(model, image.rgb, **how)
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        size = f"{image.rgb.shape[1]}x{image.rgb.shape[0]} pixels"
        raise ImageError(f"{file}: {size} do not fit into memory; take --max-memory 1GiB, or --tile 256") from error
    alpha = None if image.alpha is None else _enlarged(image.alpha, identity(model).scale)
    write_image(target, rgb, alpha, image.profile)
    return image.notes


def _passes(image: np.ndarray, how: dict) -> int:
    """How often the network runs for an image."""
    tile = how.get("tile")
    tiles = 1 if tile is None else math.prod(math.ceil(size / tile) for size in image.shape[:2])
    return tiles * (len(ORIENTATIONS) if how.get("self_ensemble") else 1)


def _enlarged(alpha: np.ndarray, scale: int) -> np.ndarray:
    return upscale_bicubic(np.repeat(alpha[..., None], 3, axis=2), scale)[..., 0]


def _check_apart(targets: dict[Path, Path]) -> None:
    sources = {file.resolve() for file in targets}
    taken: dict[Path, Path] = {}
    for file, path in targets.items():
        place = path.resolve()
        if place in sources:
            raise ConfigError(
                f"{path}: the result of {file.name} would overwrite an image that is to be super-resolved; choose "
                "another --folder or --suffix"
            )
        if place in taken:
            raise ConfigError(
                f"{path}: the results of {taken[place]} and {file} would overwrite each other; rename one, or "
                "super-resolve them into different folders"
            )
        taken[place] = file
