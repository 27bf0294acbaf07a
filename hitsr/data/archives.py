"""Unpacking archives: only files and folders, only inside the target, all of it or nothing."""

import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from hitsr.errors import DownloadError
from hitsr.progress import progress

BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What the standard library raises for damaged, encrypted and refused archives, beside OSError (gzip)."""


@contextmanager
def unpacked(archive: Path, take: str, target: Path) -> Iterator[Path]:
    """Unpack folder `take` of an archive beside where it shall lie, and give it to the block; gone afterwards.

    Args:
        archive: a .zip, or a .tar of any compression.
        target: what the folder is to be renamed to, and therefore on the same file system.

    Raises:
        DownloadError: damaged, or a member would leave the folder, or there is nothing under `take`.
    """
    nearest = next(parent for parent in target.parents if parent.is_dir())
    folder = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=nearest))
    try:
        count = _unpack_zip(archive, take, folder) if archive.suffix == ".zip" else _unpack_tar(archive, take, folder)
        if count == 0:
            raise DownloadError(f"{archive}: holds nothing under {take}/; it is not the archive that was expected")
        yield folder / take
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack_zip(archive: Path, take: str, folder: Path) -> int:
    with _readable(archive), zipfile.ZipFile(archive) as file:
        members = [info for info in file.infolist() if _wanted(archive, info.filename, take) and not info.is_dir()]
        for info in progress(members, desc=f"unpack {archive.name}", unit="file"):
            file.extract(info, folder)
    return len(members)


def _unpack_tar(archive: Path, take: str, folder: Path) -> int:
    count = 0
    with _readable(archive), tarfile.open(archive) as file:
        for member in progress(file, desc=f"unpack {archive.name}", unit="file"):
            if _wanted(archive, member.name, take) and member.isfile():
                # the filter refuses absolute paths, .., and devices, and drops owners and set-user bits
                file.extract(member, folder, filter="data")
                count += 1
    return count


def _wanted(archive: Path, member: str, take: str) -> bool:
    """Whether a member lies under the folder to take; one that would leave it condemns the whole archive."""
    path = PurePosixPath(member.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise DownloadError(f"{archive}: the member {member!r} would be written outside its folder")
    return PurePosixPath(take) in path.parents


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except DownloadError:
        raise
    except BROKEN as error:
        raise DownloadError(f"{archive}: cannot be unpacked ({error}); it is damaged") from error
    except OSError as error:
        # gzip reports damage as an OSError without a number, a full disk with one
        if error.errno is not None:
            raise
        raise DownloadError(f"{archive}: cannot be unpacked ({error}); it is damaged") from error
