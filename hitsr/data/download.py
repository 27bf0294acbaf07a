"""Downloading a file: goes on where it was interrupted, gives up on what does not answer, checks what arrived."""

import hashlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
import tenacity
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


@dataclass(frozen=True)
class Expected:
    """What is known of a file; None where no source states it."""

    bytes: int | None = None
    sha256: str | None = None
    md5: str | None = None


def download(url: str, target: Path, expected: Expected, patience: Patience, tell: Callable[[str], None]) -> None:
    """Download `url` to `target`, which appears when it is complete and as expected.

    What has arrived is kept beside it, in NAME.HASH.part, when an attempt or the process ends; the next goes on from
    there if the server still has the same file. A complete file that is not as expected is kept as NAME.corrupt.

    Args:
        tell: told of each attempt that failed.

    Raises:
        DownloadError: no such file on the server, no answer after all attempts, no room, or another size or checksum.
    """
    part = target.with_name(f"{target.name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    fruitless = _Fruitless(part, patience)

    def announce(state: tenacity.RetryCallState) -> None:
        tell(f"{url}: {_reason(state.outcome.exception())}; again in {state.next_action.sleep:.0f} s")

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TRANSIENT),
        after=fruitless.note,
        wait=fruitless.wait,
        stop=fruitless.enough,
        before_sleep=announce,
        reraise=True,
    )
    try:
        retrying(_transfer, url, part, expected, patience)
    except TRANSIENT as error:
        raise DownloadError(f"{url}: {_reason(error)}, {patience.attempts} times in a row") from error
    except OSError as error:
        raise DownloadError(f"{url}: cannot be kept as {part} ({error.strerror or error}); make room") from error
    try:
        check(part, expected)
    except DownloadError as error:
        kept = set_aside(part, target)
        raise DownloadError(f"{url}: {error}; kept as {kept}") from error
    _tag(part).unlink(missing_ok=True)
    part.replace(target)


def check(path: Path, expected: Expected) -> None:
    """Check a complete file.

    Raises:
        DownloadError: its size or checksum is not the expected one.
    """
    size = path.stat().st_size
    if expected.bytes not in (None, size):
        raise DownloadError(f"{path.name}: {size:,} bytes instead of {expected.bytes:,}")
    for name, value in (("sha256", expected.sha256), ("md5", expected.md5)):
        if value is not None:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, name).hexdigest()
            if found != value:
                raise DownloadError(f"{path.name}: {name} {found} instead of {value}")


def set_aside(path: Path, target: Path) -> Path:
    """Rename a file that is of no use to `target` with .corrupt, so that it is neither used nor lost."""
    kept = target.with_name(f"{target.name}.corrupt")
    _tag(path).unlink(missing_ok=True)
    path.replace(kept)
    return kept


class _Fruitless:
    """Counts the attempts in a row that brought nothing new, or too little in their time."""

    def __init__(self, part: Path, patience: Patience):
        self.part, self.patience, self.count, self.longest = part, patience, 0, _size(part)

    def note(self, state: tenacity.RetryCallState) -> None:
        size = _size(self.part)
        fruitful = size > self.longest and not isinstance(state.outcome.exception(), Slow)
        self.count = 0 if fruitful else self.count + 1
        self.longest = max(size, self.longest)

    def wait(self, state: tenacity.RetryCallState) -> float:
        return min(self.patience.longest_wait, self.patience.first_wait * 2 ** max(0, self.count - 1))

    def enough(self, state: tenacity.RetryCallState) -> bool:
        return self.count >= self.patience.attempts


def _transfer(url: str, part: Path, expected: Expected, patience: Patience) -> None:
    """One attempt: the rest of the file, or the whole if the server cannot go on or has another file by now."""
    have = _size(part)
    # compression on the way would make sizes and positions those of other bytes
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if _tag(part).is_file():
            headers["If-Range"] = _tag(part).read_text(encoding="utf-8")
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
        if None not in (total, expected.bytes) and total != expected.bytes:
            raise DownloadError(f"{url}: the server's file has {total:,} bytes instead of {expected.bytes:,}")
        _check_room(part, (total or 0) - have)
        _remember(part, response)
        _write(response, part, have, total, patience)
    if total is not None and _size(part) != total:
        raise Interrupted(f"ended after {_size(part):,} of {total:,} bytes")


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
        _tag(part).write_text(tag, encoding="utf-8")
    else:
        _tag(part).unlink(missing_ok=True)


def _check_room(part: Path, wanted: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if wanted > free:
        raise DownloadError(f"{part.parent}: needs {wanted / 1e9:.1f} GB, {free / 1e9:.1f} GB are free; make room")


def _tag(part: Path) -> Path:
    return part.with_suffix(".tag")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _reason(error: BaseException) -> str:
    """A failure of a transfer in a few words."""
    if isinstance(error, Interrupted):
        return str(error)
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the connection broke"
    return f"no connection ({type(error).__name__})"
