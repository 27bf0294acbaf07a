"""Getting a public data set: adopted from the user's folders, or downloaded into them.

ROOT/.downloads/ARCHIVE                 a complete archive, until all data sets that it holds are there
ROOT/.downloads/ARCHIVE.HASH.part       the part of it that has arrived from one of its homes
ROOT/.downloads/ARCHIVE.corrupt         what arrived and was not what was expected
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hitsr.configuration.datasets import catalogue, public_set
from hitsr.data.adoption import adopted, folders_of, is_there
from hitsr.data.archives import unpacked
from hitsr.data.download import alone, download, set_aside
from hitsr.data.expected import Expected, check
from hitsr.data.transfer import Patience
from hitsr.errors import DownloadError, ImageError

DOWNLOADS = ".downloads"
PATIENCE = Patience()


@dataclass(frozen=True)
class Acquired:
    """A public data set that is there.

    Attributes:
        folders: where its images lie.
        images: how many.
        homes: addresses that this call downloaded it from; none if it was there already.
    """

    folders: list[Path]
    images: int
    homes: list[str]


def acquire(name: str, root: Path, tell: Callable[[str], None], patience: Patience = PATIENCE) -> Acquired:
    """Adopt public data set `name` from the customary folders under `root`, or download it there.

    Several processes may ask for the same: one downloads, the others wait for it.

    Args:
        tell: told in a sentence what is being waited for and what failed.

    Raises:
        DownloadError: no home has it, or it needs consent; the message says what to do by hand.
        ImageError: a folder of its name holds another number of images.
    """
    homes = [home for part in public_set(name, "public")["parts"] for home in acquire(part, root, tell, patience).homes]
    images = adopted(name, root)
    if images is None:
        homes = [_download(name, root, tell, patience)]
        images = adopted(name, root)
        assert images is not None, "what was downloaded holds the data set, or was refused"
    return Acquired(folders_of(images), len(images), [home for home in homes if home])


def _download(name: str, root: Path, tell: Callable[[str], None], patience: Patience) -> str:
    """Download one data set; returns its home, or an empty string if another process was faster."""
    entry, failures = public_set(name, "public"), []
    for offer in entry["archives"]:
        try:
            return _from_archive(name, offer, root, tell, patience)
        except DownloadError as error:
            failures.append(str(error))
            tell(str(error))
        except OSError as error:
            reason = f"{error.filename or root}: cannot be written ({error.strerror})"
            raise DownloadError(f"{reason}; make room, or change data_root") from error
    why = "; ".join(failures) or "there is nothing to download it from"
    raise DownloadError(f"{name} is not under {root}/, and {why}. By hand: {entry['manual']} (under {root}/)")


def _from_archive(name: str, offer: dict, root: Path, tell: Callable[[str], None], patience: Patience) -> str:
    target = root / offer["to"]
    archive = root / DOWNLOADS / offer["archive"]
    with alone(archive, tell):
        if adopted(name, root) is not None:
            return ""
        if target.exists():
            raise DownloadError(f"{target}: is in the way of downloading {name}; move it away")
        home = _archive(archive, tell, patience)
        try:
            with unpacked(archive, offer["take"], target) as folder:
                # looked at as if it were in its place already, then renamed: never a part of it
                staged = folder.parent / ".staged" / offer["to"]
                staged.parent.mkdir(parents=True)
                folder.rename(staged)
                _check_holds(name, archive, folder.parent / ".staged")
                target.parent.mkdir(parents=True, exist_ok=True)
                staged.rename(target)
        except DownloadError as error:
            raise DownloadError(f"{error}; kept as {set_aside(archive, archive)}") from error
        if all(is_there(other, root) for other in _sets_of(offer["archive"])):
            archive.unlink()
    return home


def _archive(archive: Path, tell: Callable[[str], None], patience: Patience) -> str:
    """Have the archive in its place; returns the address it comes from, or its own path if it was there."""
    entry = catalogue()["archives"][archive.name]
    expected = Expected(**{key: entry[key] for key in ("bytes", "sha256", "md5") if key in entry})
    failures = []
    if archive.is_file():
        try:
            check(archive, expected)
            return str(archive)
        except DownloadError as error:
            failures.append(f"{error}; kept as {set_aside(archive, archive)}")
    for home in entry["homes"]:
        try:
            download(home, archive, expected, patience, tell)
            return home
        except DownloadError as error:
            failures.append(str(error))
    raise DownloadError("; ".join(failures))


def _check_holds(name: str, archive: Path, staged: Path) -> None:
    try:
        found = adopted(name, staged)
    except ImageError as error:
        raise DownloadError(f"{archive}: does not hold {name}: {error}") from error
    if found is None:
        raise DownloadError(f"{archive}: does not hold {name}")


def _sets_of(archive: str) -> list[str]:
    """Data sets that an archive holds."""
    sets = catalogue()["sets"].items()
    return [name for name, entry in sets if archive in [offer["archive"] for offer in entry["archives"]]]
