"""Public data sets that a user has already: the folders in which their images customarily lie.

    benchmark/Set5/HR/baby.png                  benchmark/Set5/LR_bicubic/X2/babyx2.png
    benchmark/Manga109/HR/ARMS.png              benchmark/Manga109/LR_bicubic/X2/ARMS_LRBI_x2.png
    DIV2K/DIV2K_train_HR/0001.png               DIV2K/DIV2K_train_LR_bicubic/X2/0001x2.png
    BSD100/101085.png                           a flat folder, under another of its names

A folder is taken if it has the right number of images, and named in an error if it has another.
"""

from collections.abc import Iterator
from pathlib import Path

from hitsr.configuration.datasets import public_set
from hitsr.data.folders import EXTENSIONS, list_images
from hitsr.errors import ImageError

BENCHMARK = ("benchmark/{}/HR", "benchmark/{}", "testsets/{}/HR", "testsets/{}", "{}/HR", "{}")
"""Where test sets lie under the root, by name of the set."""
LOW_FOLDERS = ("{parent}/LR_bicubic/X{scale}", "{hr}/LR_bicubic/X{scale}", "{twin}/X{scale}")
"""Where low-resolution images lie beside a folder `hr` of high-resolution ones; `twin` is called LR_bicubic for HR."""
LOW_NAMES = ("{name}x{scale}", "{name}_LRBI_x{scale}", "{name}")


def candidates(name: str) -> list[tuple[str, ...]]:
    """Folders under the root in which a public data set is looked for, in this order; a tuple is taken together."""
    entry = public_set(name, "public")
    found = [(folder,) if isinstance(folder, str) else tuple(folder) for folder in entry["folders"]]
    return [(layout.format(alias),) for layout in BENCHMARK for alias in entry["benchmark"]] + found


def adopted(name: str, root: Path) -> list[Path] | None:
    """The images of a public data set that lie under `root`, by name; None if there are none.

    Raises:
        ImageError: a folder of its name holds another number of images, so that it is not this data set.
    """
    entry = public_set(name, "public")
    if entry["parts"]:
        parts = [images for part in entry["parts"] if (images := adopted(part, root)) is not None]
        return [path for part in parts for path in part] if len(parts) == len(entry["parts"]) else None
    incomplete = []
    for folders in candidates(name):
        images = [path for folder in folders for path in _images(root / folder)]
        if "numbered" in entry:
            first, last = entry["numbered"]
            images = [p for p in images if len(p.stem) == len(first) and p.stem.isdigit() and first <= p.stem <= last]
        if len(images) == entry["images"]:
            return images
        if images:
            incomplete.append(f"{' and '.join(str(root / folder) for folder in folders)}: {len(images)}")
    if incomplete:
        raise ImageError(
            f"{name} has {entry['images']} images, but there are in {'; in '.join(incomplete)}; complete the folder, "
            "move it away, or take it as it is with `folder` instead of `public`"
        )
    return None


def is_there(name: str, root: Path) -> bool:
    """Whether a public data set lies under `root`, whole."""
    try:
        return adopted(name, root) is not None
    except ImageError:
        return False


def folders_of(images: list[Path]) -> list[Path]:
    """The folders that images lie in, in order."""
    return list(dict.fromkeys(path.parent for path in images))


def given_low(high: Path, scale: int) -> Path | None:
    """The low-resolution file that lies beside a high-resolution one in a customary layout, or None."""
    hr = high.parent
    where = {"parent": hr.parent, "hr": hr, "twin": hr.with_name(hr.name.replace("_HR", "_LR_bicubic")), "scale": scale}
    for layout in LOW_FOLDERS:
        folder = Path(layout.format(**where))
        for path in _named(folder, high.stem, scale) if folder.is_dir() and folder != hr else []:
            if path.is_file():
                return path
    return None


def _named(folder: Path, name: str, scale: int) -> Iterator[Path]:
    yield from (folder / f"{form.format(name=name, scale=scale)}{end}" for form in LOW_NAMES for end in EXTENSIONS)


def _images(folder: Path) -> list[Path]:
    """Images directly in a folder; none if it is missing or holds other folders only."""
    holds_images = folder.is_dir() and any(path.suffix.lower() in EXTENSIONS for path in folder.iterdir())
    return list_images(folder) if holds_images else []
