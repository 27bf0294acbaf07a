"""Write beside, then rename: a file is either the old one, the new one, or absent, never half of it."""

import contextlib
import errno
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

from hitsr.errors import ResultError

ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space, or ask for a larger quota",
    errno.EFBIG: "raise the limit of this disk or of `ulimit -f`, or choose another folder",
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.EROFS: "choose a folder on another disk",
    errno.ENAMETOOLONG: "shorten the name",
    errno.ENOTDIR: "a file is where a folder has to be; move it away",
    errno.EEXIST: "a file is where a folder has to be; move it away",
    errno.EISDIR: "a folder has this name; move it away",
    errno.ENOENT: "its folder was removed meanwhile; run again",
    errno.EIO: "check the disk",
}
"""What to do about an error of the system, by its number."""
NAME_SHOWN = 40
"""Characters of a file's name in that of its temporary file: at most 4 bytes each, of 255 that a name may have."""


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary sibling of ``path`` (same suffix) that takes its place when the block succeeds.

    Parent folders are made. When the block fails, the temporary file is removed and ``path`` is as before.

    Raises:
        ResultError: the file cannot be written (disk full, no permission, name too long), naming it and the remedy.
    """
    path = Path(path)
    suffix = path.suffix if len(path.suffix) < NAME_SHOWN else ""
    temporary = path.with_name(f".{path.stem[:NAME_SHOWN]}.{uuid.uuid4().hex[:8]}{suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        # an error about another file is the block's own
        ours = {None, str(temporary), *(str(part) for part in (path, *path.parents))}
        if error.filename not in ours and str(error.filename) not in ours:
            raise
        raise ResultError(f"{path}: cannot be written ({error.strerror}); {advice(error)}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def advice(error: OSError) -> str:
    """What to do about an error of the system."""
    return ADVICE.get(error.errno or 0, "choose another folder")


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Write ``text`` (UTF-8) to ``path`` atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: str | Path, value: object) -> None:
    """Write ``value`` as indented JSON to ``path`` atomically. NaN and infinity are refused."""
    write_text(path, json_text(value))


def json_text(value: object) -> str:
    """``value`` as indented JSON; paths and NumPy scalars as what JSON knows. NaN and infinity are refused."""
    return json.dumps(value, indent=1, allow_nan=False, default=_plain) + "\n"


def _plain(value: object) -> object:
    """Turn paths and NumPy scalars into what JSON knows."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
