"""What files hold, as SHA-256: read again only where a listing says that something changed.

A listing is cheap: name, size, times of modification and of change, inode. `ctime` and inode are set by the system, so
a file that was replaced is seen even if the new one has the size of the old and an equal or older time. Digests are
kept in a cache file with the listing that they belong to. Neither NumPy nor PyTorch is imported: the workflow asks for
digests while it builds its graph.
"""

import hashlib
import os
import stat
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from hitsr.errors import FileError, ResultError
from hitsr.progress import progress
from hitsr.results.records import read_record, write_record

SETTLED = 2_000_000_000
"""Nanoseconds that a file must have been left alone when it was read: within the granularity of a file system's clock
(2 s on FAT) it could be changed again without another `ctime`."""
ATTEMPTS = 3
"""Readings of a file that is being written."""


class Stamp(NamedTuple):
    """What the system says of a file without reading it; times in nanoseconds."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Known(NamedTuple):
    """Digest of a file, the stamp that it had, and when it was read (ns)."""

    stamp: Stamp
    read_ns: int
    sha256: str

    @property
    def settled(self) -> bool:
        """Whether an equal stamp means an equal file."""
        return self.read_ns - self.stamp.ctime_ns > SETTLED


def listing(folder: str | Path) -> dict[str, Stamp]:
    """The files directly in a folder, by name; links are followed, folders and sockets are left out.

    Raises:
        FileError: the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            files = sorted((entry for entry in entries if entry.is_file()), key=lambda entry: entry.name)
        return {entry.name: _stamp(entry.stat()) for entry in files}
    except OSError as error:
        raise _unreadable(folder, error) from error


def digest(files: Iterable[str | Path], cache_file: str | Path) -> str:
    """SHA-256 of the names (without folders) and contents of files, whatever their order.

    Args:
        cache_file: where digests are kept from one call to the next; several calls may share it.

    Raises:
        FileError: a file is missing, cannot be read, or is being written.
    """
    total = hashlib.sha256()
    for name, sha256 in sorted((path.name, sha256) for path, sha256 in digests(files, cache_file)):
        total.update(os.fsencode(name) + b"\0" + sha256.encode() + b"\n")
    return total.hexdigest()


def file_digest(path: str | Path, cache_file: str | Path) -> str:
    """SHA-256 of the contents of one file, as `sha256sum` prints it.

    Raises:
        FileError: as `digest`.
    """
    return digests([path], cache_file)[0][1]


def digests(files: Iterable[str | Path], cache_file: str | Path) -> list[tuple[Path, str]]:
    """Absolute path and SHA-256 of each of `files`, in their order.

    Raises:
        FileError: as `digest`.
    """
    paths = [Path(path).absolute() for path in files]
    cache = _read(Path(cache_file))
    changed = [path for path in dict.fromkeys(paths) if not _holds(path, cache.get(path))]
    if changed:
        # hashlib lets other threads run; a bar only where there is much to read
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as threads:
            found = progress(threads.map(_hash, changed), total=len(changed), desc="checksums", unit="file", delay=3)
            cache |= zip(changed, found, strict=True)
        _write(Path(cache_file), cache, set(paths))
    return [(path, cache[path].sha256) for path in paths]


def sha256_of(path: str | Path) -> str:
    """SHA-256 of the contents of a file, read now.

    Raises:
        FileError: as `digest`.
    """
    return _hash(Path(path)).sha256


def stamp_of(path: Path) -> Stamp:
    """What the system says of a file.

    Raises:
        FileError: it is missing.
    """
    try:
        return _stamp(path.stat())
    except OSError as error:
        raise _unreadable(path, error) from error


def _holds(path: Path, known: Known | None) -> bool:
    """Whether what is known of a file still holds."""
    return known is not None and known.settled and known.stamp == stamp_of(path)


def _hash(path: Path) -> Known:
    for _ in range(ATTEMPTS):
        now = time.time_ns()
        try:
            # opening a pipe would wait for its writer
            if not stat.S_ISREG(path.stat().st_mode):
                raise FileError(f"{path}: not a file")
            with path.open("rb") as file:
                before = _stamp(os.fstat(file.fileno()))
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                after = _stamp(os.fstat(file.fileno()))
        except OSError as error:
            raise _unreadable(path, error) from error
        if before == after == stamp_of(path):
            return Known(before, now, sha256)
    raise FileError(f"{path}: changed while it was read; start again when it is complete")


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _read(cache_file: Path) -> dict[Path, Known]:
    """The cache; empty if it is missing or damaged, which costs time only."""
    try:
        files = read_record(cache_file)["files"]
        return {
            Path(path): Known(Stamp(*numbers), read_ns, sha256) for path, (*numbers, read_ns, sha256) in files.items()
        }
    except (ResultError, KeyError, TypeError, ValueError):
        return {}


def _write(cache_file: Path, cache: dict[Path, Known], asked: set[Path]) -> None:
    """Keep the cache, without files that are gone."""
    files = {
        str(path): [*known.stamp, known.read_ns, known.sha256]
        for path, known in cache.items()
        if path in asked or path.exists()
    }
    # a folder that cannot be written to costs time only
    with suppress(ResultError):
        write_record(cache_file, {"kind": "checksums", "files": files})


def _unreadable(path: str | Path, error: OSError) -> FileError:
    return FileError(f"{path}: cannot be read ({error.strerror or error}); check the path and its permissions")
