"""What is known of a file before it arrives, and whether it is that file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from hitsr.errors import DownloadError


@dataclass(frozen=True)
class Expected:
    """What is known of a file; None where no source states it.

    Attributes:
        sha256: the whole checksum, or how it begins.
        git_blob: identifier of the file's contents in a git repository.
    """

    bytes: int | None = None
    sha256: str | None = None
    md5: str | None = None
    git_blob: str | None = None

    @property
    def known(self) -> bool:
        """Whether there is a checksum."""
        return any((self.sha256, self.md5, self.git_blob))


def check(path: Path, expected: Expected) -> None:
    """Check a complete file.

    Raises:
        DownloadError: its size or checksum is not the expected one.
    """
    size = path.stat().st_size
    if expected.bytes not in (None, size):
        raise DownloadError(f"{path.name}: {size:,} bytes instead of {expected.bytes:,}")
    blob = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    for name, value, digest in (
        ("sha256", expected.sha256, hashlib.sha256()),
        ("md5", expected.md5, hashlib.md5(usedforsecurity=False)),
        ("git blob", expected.git_blob, blob),
    ):
        if value is not None:
            found = _hexdigest(path, digest)
            if not found.startswith(value):
                raise DownloadError(f"{path.name}: {name} {found} instead of {value}")


def _hexdigest(path: Path, digest: "hashlib._Hash") -> str:
    """Checksum of a file, by a digest that was begun already or is new."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: digest).hexdigest()
