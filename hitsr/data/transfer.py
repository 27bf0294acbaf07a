"""One attempt at transferring a file by HTTP, which goes on with what has arrived already."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import requests
import urllib3

from hitsr.errors import DownloadError
from hitsr.progress import progress

CHUNK = 1 << 18
"""Bytes read at once, at most."""
TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
"""HTTP statuses of a server that may answer later."""


class Interrupted(Exception):
    """The transfer stopped before its end; another attempt may go on with it."""


class Slow(Interrupted):
    """The transfer would have gone on, but hardly moved."""


TRANSIENT = (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError, Interrupted)


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for. Times in seconds.

    Attributes:
        connect: for a connection.
        silence: without a byte.
        window, slowest: bytes per second that must arrive on average over each window.
        attempts: in a row that bring nothing new or are too slow; one that does better starts the count afresh.
        first_wait, longest_wait: between attempts, doubled from one fruitless attempt to the next.
    """

    connect: float = 15
    silence: float = 30
    window: float = 60
    slowest: float = 10_000
    attempts: int = 6
    first_wait: float = 1
    longest_wait: float = 60


def transfer(url: str, part: Path, wanted: int | None, patience: Patience) -> None:
    """One attempt: the rest of the file, or the whole if the server cannot go on or has another file by now.

    Args:
        part: what has arrived; longer afterwards.
        wanted: bytes of the whole file, or None.

    Raises:
        DownloadError: no such file, another size than wanted, or no room.
        TRANSIENT: another attempt may succeed.
    """
    have = size_of(part)
    # compression on the way would make sizes and positions those of other bytes
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if tag_of(part).is_file():
            headers["If-Range"] = tag_of(part).read_text(encoding="utf-8")
    timeout = (patience.connect, patience.silence)
    with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            if _total(response, 0) == have:
                return
            part.unlink()
            raise Interrupted("the server's file is another than the one begun")
        if response.status_code in TRY_AGAIN:
            raise Interrupted(f"HTTP {response.status_code} {response.reason}")
        if not response.ok:
            raise DownloadError(f"{url}: HTTP {response.status_code} {response.reason}")
        if response.status_code != requests.codes.partial_content:
            have = 0
        total = _total(response, have)
        if None not in (total, wanted) and total != wanted:
            raise DownloadError(f"{url}: the server's file has {total:,} bytes instead of {wanted:,}")
        _check_room(part, (total or 0) - have)
        _remember(part, response)
        _write(response, part, have, total, patience)
    if total is not None and size_of(part) != total:
        raise Interrupted(f"ended after {size_of(part):,} of {total:,} bytes")


def _write(response: requests.Response, part: Path, have: int, total: int | None, patience: Patience) -> None:
    bar = progress(desc=part.name.rsplit(".", 2)[0], total=total, initial=have, unit="B", unit_scale=True)
    since, arrived = time.monotonic(), 0
    with part.open("ab" if have else "wb") as file, bar:
        # as it arrives: what a full buffer waits for would be lost with the connection
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            file.write(chunk)
            bar.update(len(chunk))
            arrived += len(chunk)
            passed = time.monotonic() - since
            if passed >= patience.window:
                if arrived < patience.slowest * passed:
                    raise Slow(f"{arrived / passed:,.0f} bytes per second are too slow")
                since, arrived = time.monotonic(), 0


def _total(response: requests.Response, have: int) -> int | None:
    """Size of the whole file in bytes, if the server says so."""
    stated = response.headers.get("Content-Range", "").rpartition("/")[2]
    if stated.isdigit():
        return int(stated)
    length = response.headers.get("Content-Length", "")
    return have + int(length) if length.isdigit() else None


def _remember(part: Path, response: requests.Response) -> None:
    """Keep what tells this version of the file from others, so that the next attempt does not append another's end."""
    tag = response.headers.get("ETag", "")
    # a weak tag does not promise equal bytes
    tag = response.headers.get("Last-Modified", "") if tag.startswith("W/") or not tag else tag
    if tag:
        tag_of(part).write_text(tag, encoding="utf-8")
    else:
        tag_of(part).unlink(missing_ok=True)


def _check_room(part: Path, wanted: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if wanted > free:
        raise DownloadError(f"{part.parent}: needs {wanted / 1e9:.1f} GB, {free / 1e9:.1f} GB are free; make room")


def tag_of(part: Path) -> Path:
    """File that keeps the server's tag of the version that a part is of."""
    return part.with_suffix(".tag")


def size_of(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    return path.stat().st_size if path.is_file() else 0


def reason(error: BaseException) -> str:
    """A failure of a transfer in a few words."""
    if isinstance(error, Interrupted):
        return str(error)
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the connection broke"
    return f"no connection ({type(error).__name__})"
