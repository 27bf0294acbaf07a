"""Downloads from a server that breaks off, falls silent, drips, lies and forgets."""

import hashlib
import shutil

import pytest
from server import File, serving

from hitsr.data.download import download
from hitsr.data.expected import Expected
from hitsr.data.transfer import Patience
from hitsr.errors import DownloadError

PATIENCE = Patience(attempts=3, first_wait=0.01, longest_wait=0.05)
LONG = 200_000


@pytest.fixture
def server():
    with serving() as started:
        yield started


@pytest.fixture
def content(random):
    return random.integers(0, 256, LONG, dtype="uint8").tobytes()


def get(server, target, told=None, patience=PATIENCE, **expected):
    told = [] if told is None else told
    download(server.url("a.zip"), target, Expected(**expected), patience, told.append)
    return target.read_bytes()


def get_killed(server, target):
    """The process ends when the first transfer breaks off."""

    def stop(text):
        raise KeyboardInterrupt(text)

    with pytest.raises(KeyboardInterrupt, match="ended after 70,000 of 200,000 bytes|the connection broke"):
        download(server.url("a.zip"), target, Expected(), PATIENCE, stop)


def test_a_whole_file(server, content, tmp_path):
    server.files["a.zip"] = File(content)
    checks = {"bytes": LONG, "sha256": hashlib.sha256(content).hexdigest(), "md5": hashlib.md5(content).hexdigest()}
    assert get(server, tmp_path / "new" / "a.zip", **checks) == content
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.zip"]
    assert server.sent == LONG


def test_a_broken_transfer_goes_on_where_it_was(server, content, tmp_path):
    server.files["a.zip"] = File(content, cuts=[50_000, 60_000])
    told = []
    assert get(server, tmp_path / "a.zip", told) == content
    assert server.asked("a.zip") == [None, "bytes=50000-", "bytes=110000-"]
    assert server.sent == LONG
    assert len(told) == 2 and all("again in" in text for text in told)


def test_what_a_killed_process_left_is_gone_on_with(server, content, tmp_path):
    server.files["a.zip"] = File(content, cuts=[70_000])
    get_killed(server, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
    server.files["a.zip"] = File(content)
    assert get(server, tmp_path / "a.zip") == content
    assert server.sent == LONG


def test_a_part_of_another_file_is_not_gone_on_with(server, content, tmp_path):
    server.files["a.zip"] = File(content, cuts=[70_000])
    get_killed(server, tmp_path / "a.zip")
    newer = content[::-1]
    server.files["a.zip"] = File(newer)
    assert get(server, tmp_path / "a.zip") == newer


def test_a_part_longer_than_the_file_is_dropped(server, content, tmp_path):
    server.files["a.zip"] = File(content, cuts=[70_000])
    get_killed(server, tmp_path / "a.zip")
    for tag in tmp_path.glob("*.tag"):
        tag.unlink()  # as from a server that sends none
    server.files["a.zip"] = File(content[:50_000])
    assert get(server, tmp_path / "a.zip") == content[:50_000]


def test_a_server_that_cannot_go_on_starts_again(server, content, tmp_path):
    server.files["a.zip"] = File(content, cuts=[50_000], ranges=False)
    assert get(server, tmp_path / "a.zip") == content
    assert server.sent == LONG + 50_000


def test_progress_renews_patience(server, content, tmp_path):
    """Ten interruptions are more than the attempts, but none was fruitless."""
    server.files["a.zip"] = File(content, cuts=[15_000] * 10)
    assert get(server, tmp_path / "a.zip") == content


def test_a_silent_server(server, content, tmp_path):
    server.files["a.zip"] = File(content, cuts=[50_000], stall=2)
    told = []
    assert get(server, tmp_path / "a.zip", told, Patience(silence=0.5, first_wait=0.01)) == content
    assert server.asked("a.zip")[1] is not None and "no answer in time" in told[0]


def test_a_slow_server(server, content, tmp_path):
    """Given up on after each window, though something always arrives; what arrived is gone on with."""
    server.files["a.zip"] = File(content[:40_000], pause=0.1)
    told = []
    patience = Patience(window=0.25, slowest=200_000, attempts=20, first_wait=0.01)
    assert get(server, tmp_path / "a.zip", told, patience) == content[:40_000]
    assert len(told) >= 2 and all("bytes per second are too slow" in text for text in told)
    server.files["a.zip"] = File(content, pause=0.1)
    with pytest.raises(DownloadError, match="bytes per second are too slow, 2 times in a row"):
        get(server, tmp_path / "b.zip", told, Patience(window=0.25, slowest=200_000, attempts=2, first_wait=0.01))


def test_a_busy_server_is_asked_again_after_growing_waits(server, content, tmp_path, monkeypatch):
    waits = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    server.files["a.zip"] = File(content, statuses=[503, 429])
    assert get(server, tmp_path / "a.zip") == content
    server.files["a.zip"] = File(content, statuses=[503] * 9)
    waits.clear()
    with pytest.raises(DownloadError, match="HTTP 503 Service Unavailable, 6 times in a row"):
        get(server, tmp_path / "b.zip", patience=Patience(longest_wait=6))
    assert [wait for wait in waits if wait] == [1, 2, 4, 6, 6]


def test_a_missing_file_is_asked_for_once(server, tmp_path):
    with pytest.raises(DownloadError, match="a.zip: HTTP 404"):
        get(server, tmp_path / "a.zip")
    assert len(server.requests) == 1 and not list(tmp_path.iterdir())


def test_no_server(tmp_path):
    with serving() as gone:
        pass
    with pytest.raises(DownloadError, match="no connection"):
        get(gone, tmp_path / "a.zip")


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_a_wrong_checksum(server, content, tmp_path, kind):
    server.files["a.zip"] = File(content)
    wrong = hashlib.new(kind, b"another").hexdigest()
    with pytest.raises(DownloadError) as caught:
        get(server, tmp_path / "a.zip", **{kind: wrong})
    assert hashlib.new(kind, content).hexdigest() in str(caught.value) and wrong in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip.corrupt"]


def test_a_wrong_size_is_refused_before_it_is_fetched(server, content, tmp_path):
    server.files["a.zip"] = File(content)
    with pytest.raises(DownloadError, match="has 200,000 bytes instead of 200,001"):
        get(server, tmp_path / "a.zip", bytes=LONG + 1)
    assert not (tmp_path / "a.zip").exists()


def test_no_room(server, content, tmp_path, monkeypatch):
    server.files["a.zip"] = File(content)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(DownloadError, match="make room"):
        get(server, tmp_path / "a.zip")
