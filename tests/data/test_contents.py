"""Digests of files: equal for equal contents, and never those of what a file held before."""

import hashlib
import os
import subprocess
import sys

import pytest

from hitsr.data import contents
from hitsr.errors import FileError

OLD = 1_000_000_000  # seconds: long settled


@pytest.fixture
def folder(tmp_path):
    """Three files that were left alone for long, and a cache that knows them."""
    (tmp_path / "images").mkdir()
    for name in "abc":
        (tmp_path / "images" / f"{name}.png").write_bytes(name.encode() * 1000)
    return tmp_path / "images"


@pytest.fixture
def settled(monkeypatch):
    """As if every file had been left alone for long when it is read."""
    monkeypatch.setattr(contents, "SETTLED", -(10**18))


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "contents.json"


def digest(folder, cache):
    return contents.digest(sorted(folder.iterdir()), cache)


def replaced(folder):
    """Another file of the same size and time takes the place of one."""
    path, twin = folder / "a.png", folder / "twin"
    twin.write_bytes(b"x" * 1000)
    os.utime(twin, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    twin.replace(path)


def overwritten(folder):
    """Written in place, with an older time."""
    with (folder / "a.png").open("r+b") as file:
        file.write(b"y")
    os.utime(folder / "a.png", (OLD, OLD))


def added(folder):
    (folder / "d.png").write_bytes(b"d")
    os.utime(folder / "d.png", (OLD, OLD))


def deleted(folder):
    (folder / "b.png").unlink()


def renamed(folder):
    (folder / "b.png").rename(folder / "z.png")


def exchanged(folder):
    (folder / "a.png").rename(folder / "t")
    (folder / "b.png").rename(folder / "a.png")
    (folder / "t").rename(folder / "b.png")


@pytest.mark.parametrize("change", [replaced, overwritten, added, deleted, renamed, exchanged])
def test_every_change_is_seen(folder, cache, settled, change):
    before = digest(folder, cache)
    assert digest(folder, cache) == before
    change(folder)
    after = digest(folder, cache)
    assert after != before
    assert after == contents.digest(folder.iterdir(), cache.with_name("fresh.json"))


def test_order_folder_and_times_do_not_matter(folder, cache, settled, tmp_path):
    before = digest(folder, cache)
    assert contents.digest(sorted(folder.iterdir(), reverse=True), cache) == before
    moved = folder.rename(tmp_path / "elsewhere")
    os.utime(moved / "a.png", (OLD, OLD))
    assert digest(moved, cache) == before


def test_one_file(folder, cache):
    expected = hashlib.sha256(b"a" * 1000).hexdigest()
    assert contents.file_digest(folder / "a.png", cache) == expected == contents.sha256_of(folder / "a.png")


def test_only_what_changed_is_read_again(folder, cache, settled, monkeypatch):
    read = []
    whole = contents._hash
    monkeypatch.setattr(contents, "_hash", lambda path: read.append(path.name) or whole(path))
    digest(folder, cache)
    assert sorted(read) == ["a.png", "b.png", "c.png"]
    overwritten(folder)
    added(folder)
    digest(folder, cache)
    assert sorted(read[3:]) == ["a.png", "d.png"]


def test_a_file_that_was_just_written_is_not_taken_on_trust(folder, cache):
    """Within the granularity of the clock two contents can have one stamp."""
    digest(folder, cache)
    known = contents._read(cache)[folder / "a.png"]
    assert not known.settled
    assert known._replace(read_ns=known.read_ns + 5 * 10**9).settled


@pytest.mark.parametrize("spoil", [lambda text: text[:40], lambda text: text.replace('"a', '"b'), lambda text: "[]"])
def test_a_damaged_cache_costs_time_only(folder, cache, settled, spoil):
    before = digest(folder, cache)
    cache.write_text(spoil(cache.read_text()))
    assert digest(folder, cache) == before


def test_a_flipped_digit_in_the_cache_is_not_believed(folder, cache, settled):
    before = digest(folder, cache)
    text = cache.read_text()
    sha256 = hashlib.sha256(b"b" * 1000).hexdigest()
    cache.write_text(text.replace(sha256, sha256[::-1]))
    assert cache.read_text() != text
    assert digest(folder, cache) == before


def test_a_cache_that_cannot_be_kept(folder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert digest(folder, tmp_path / "file" / "cache.json") == digest(folder, tmp_path / "cache.json")


def test_what_cannot_be_read_is_named(folder, cache):
    (folder / "gone.png").symlink_to(folder / "nowhere")
    for name in ("gone.png", "absent.png"):
        with pytest.raises(FileError, match=name):
            contents.file_digest(folder / name, cache)
    os.mkfifo(folder / "pipe.png")
    with pytest.raises(FileError, match="pipe.png: not a file"):
        contents.file_digest(folder / "pipe.png", cache)
    with pytest.raises(FileError, match="nowhere: cannot be read"):
        contents.listing(folder / "nowhere")


def test_listing_holds_files_only(folder):
    (folder / "folder.png").mkdir()
    (folder / "gone.png").symlink_to(folder / "nowhere")
    (folder / "link.png").symlink_to(folder / "a.png")
    found = contents.listing(folder)
    assert list(found) == ["a.png", "b.png", "c.png", "link.png"]
    assert found["link.png"] == found["a.png"] and found["a.png"].size == 1000


def test_names_that_are_not_utf8(tmp_path, cache, settled):
    path = tmp_path / os.fsdecode(b"caf\xe9\n.png")
    path.write_bytes(b"1")
    found = contents.file_digest(path, cache)
    assert found == contents.file_digest(path, cache) == hashlib.sha256(b"1").hexdigest()
    path.unlink()
    with pytest.raises(FileError) as caught:
        contents.file_digest(path, cache)
    assert r"caf\xe9\n.png: cannot be read" in str(caught.value)
    str(caught.value).encode()


def test_it_is_light():
    script = (
        "import sys, hitsr.data.contents; print([m for m in ('torch', 'numpy', 'pandas', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
