"""Write beside, then rename: a file is either the old one, the new one, or absent, never half of it."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

from hitsr.errors import ResultError


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary sibling of ``path`` (same suffix) that takes its place when the block succeeds.

    Parent folders are made. When the block fails, the temporary file is removed and ``path`` is as before.

    Raises:
        ResultError: the file cannot be written (disk full, no permission), naming it and the cause.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        if error.filename not in (None, str(path), str(temporary), str(path.parent)):
            raise
        raise ResultError(
            f"{path}: cannot be written ({error.strerror}); free some space or choose a folder you may write to"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Write ``text`` (UTF-8) to ``path`` atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: str | Path, value: object) -> None:
    """Write ``value`` as indented JSON to ``path`` atomically. NaN and infinity are refused."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False, default=_plain) + "\n")


def _plain(value: object) -> object:
    """Turn paths and NumPy scalars into what JSON knows."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
