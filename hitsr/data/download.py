"""Downloading a file: goes on where it was interrupted, gives up on what does not answer, checks what arrived."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tenacity
from filelock import FileLock, Timeout

from hitsr.data.expected import Expected, check
from hitsr.data.transfer import TRANSIENT, Patience, Slow, reason, size_of, tag_of, transfer
from hitsr.errors import DownloadError


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
        # an attempt has failed, and the next one is decided on
        assert state.outcome is not None and state.next_action is not None
        error = state.outcome.exception()
        assert error is not None
        tell(f"{url}: {reason(error)}; again in {state.next_action.sleep:.0f} s")

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TRANSIENT),
        after=fruitless.note,
        wait=fruitless.wait,
        stop=fruitless.enough,
        before_sleep=announce,
        reraise=True,
    )
    try:
        retrying(transfer, url, part, expected.bytes, patience)
    except TRANSIENT as error:
        raise DownloadError(f"{url}: {reason(error)}, {patience.attempts} times in a row") from error
    except OSError as error:
        raise DownloadError(f"{url}: cannot be kept as {part} ({error.strerror or error}); make room") from error
    try:
        check(part, expected)
    except DownloadError as error:
        kept = set_aside(part, target)
        raise DownloadError(f"{url}: {error}; kept as {kept}") from error
    tag_of(part).unlink(missing_ok=True)
    part.replace(target)


def set_aside(path: Path, target: Path) -> Path:
    """Rename a file that is of no use to `target` with .corrupt, so that it is neither used nor lost."""
    kept = target.with_name(f"{target.name}.corrupt")
    tag_of(path).unlink(missing_ok=True)
    path.replace(kept)
    return kept


@contextmanager
def alone(target: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """A lock on what is downloaded to `target`, held by this process; the system frees it if the process is killed.

    Args:
        tell: told if another process holds it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(target.with_name(f"{target.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell(f"{target.name}: another process is downloading it; waiting")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


class _Fruitless:
    """Counts the attempts in a row that brought nothing new, or too little in their time."""

    def __init__(self, part: Path, patience: Patience):
        self.part, self.patience, self.count, self.longest = part, patience, 0, size_of(part)

    def note(self, state: tenacity.RetryCallState) -> None:
        assert state.outcome is not None  # the attempt has ended
        size = size_of(self.part)
        fruitful = size > self.longest and not isinstance(state.outcome.exception(), Slow)
        self.count = 0 if fruitful else self.count + 1
        self.longest = max(size, self.longest)

    def wait(self, state: tenacity.RetryCallState) -> float:
        return min(self.patience.longest_wait, self.patience.first_wait * 2 ** max(0, self.count - 1))

    def enough(self, state: tenacity.RetryCallState) -> bool:
        return self.count >= self.patience.attempts
