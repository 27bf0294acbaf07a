"""Public data sets from several homes, some of which are gone, damaged or malicious."""

import hashlib
import io
import tarfile
import threading
import zipfile

import numpy as np
import pytest
import yaml
from server import File, serving

from hitsr.configuration import datasets
from hitsr.data import acquire as module
from hitsr.data.acquire import acquire
from hitsr.data.images import png_bytes
from hitsr.data.transfer import Patience
from hitsr.errors import DownloadError, ImageError

PATIENCE = Patience(attempts=2, first_wait=0.01, longest_wait=0.01)
ABOUT = {"source": "s", "licence": "l", "cite": "c", "manual": "Ask for it."}


def png(value):
    return png_bytes(np.full((8, 8, 3), value, np.uint8))


def tar(members, mode="w"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as file:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


PAIR = {f"benchmark/{name}/HR/{i}.png": png(i) for name in ("One", "Two") for i in range(3)}
PAIR["benchmark/One/LR_bicubic/X2/0x2.png"] = png(0)
ONE = {f"One_HR/{i}.png": png(i) for i in range(3)}


class World:
    """A server with `pair.tar` (sets One and Two) and `one.zip` (One), a catalogue that names them, and a root."""

    def __init__(self, server, folder, use):
        self.server, self.root, self.use, self.told, self._folder = server, folder / "datasets", use, [], folder
        self.files = {"pair.tar": tar(PAIR), "one.zip": zipped(ONE)}
        for name, content in self.files.items():
            server.files[name] = File(content)
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}
        self.archives = {name: {"homes": [server.url(name)], "sha256": sums[name]} for name in self.files}
        first = {"archive": "pair.tar", "take": "benchmark/One", "to": "benchmark/One"}
        second = {"archive": "one.zip", "take": "One_HR", "to": "benchmark/One/HR"}
        other = {"archive": "pair.tar", "take": "benchmark/Two", "to": "benchmark/Two"}
        self.sets = {
            "One": {"images": 3, "benchmark": ["One"], "archives": [first, second], **ABOUT},
            "Two": {"images": 3, "benchmark": ["Two"], "archives": [other], **ABOUT},
            "Both": {"images": 6, "parts": ["One", "Two"], **ABOUT},
            "Closed": {"images": 3, "benchmark": ["Closed"], **ABOUT},
        }

    def get(self, name):
        path = self._folder / "catalogue.yaml"
        path.write_text(yaml.safe_dump({"archives": self.archives, "sets": self.sets}))
        self.use(path)
        return acquire(name, self.root, self.told.append, PATIENCE)

    def downloads(self):
        """What is kept beside the data sets, locks apart."""
        return sorted(p.name for p in (self.root / module.DOWNLOADS).iterdir() if p.suffix != ".lock")

    def is_clean(self):
        return not [p for p in self.root.rglob(".*") if p.name != module.DOWNLOADS]


@pytest.fixture
def world(tmp_path, monkeypatch):
    def use(path):
        monkeypatch.setattr(datasets, "FILE", path)
        datasets.catalogue.cache_clear()

    with serving() as server:
        yield World(server, tmp_path, use)
    datasets.catalogue.cache_clear()


def test_a_set_is_downloaded_once_then_adopted(world):
    found = world.get("One")
    assert (found.images, found.homes) == (3, [world.server.url("pair.tar")])
    assert found.folders == [world.root / "benchmark/One/HR"]
    assert (world.root / "benchmark/One/LR_bicubic/X2/0x2.png").is_file()
    assert not (world.root / "benchmark/Two").exists(), "only what was asked for is unpacked"
    assert world.get("One").homes == [] and len(world.server.requests) == 1


def test_an_archive_is_kept_until_all_its_sets_are_there(world):
    world.get("One")
    assert world.downloads() == ["pair.tar"]
    world.get("Two")
    assert len(world.server.requests) == 1 and world.downloads() == [] and world.is_clean()


def test_a_set_of_two_sets(world):
    found = world.get("Both")
    assert found.images == 6 and len(world.server.requests) == 1


def test_the_next_home_and_the_next_archive(world):
    world.archives["pair.tar"]["homes"] = [world.server.url("gone.tar"), world.server.url("pair.tar")]
    assert world.get("One").homes == [world.server.url("pair.tar")]
    world.server.files.pop("pair.tar")
    world.root = world.root.with_name("elsewhere")
    assert world.get("One").homes == [world.server.url("one.zip")]
    assert any("pair.tar: HTTP 404" in text for text in world.told)


def test_an_interrupted_download_goes_on(world):
    world.server.files["pair.tar"].cuts = [3000, 2000]
    world.get("Two")
    assert world.server.asked("pair.tar") == [None, "bytes=3000-", "bytes=5000-"]


def test_a_wrong_checksum_is_set_aside(world):
    world.server.files["pair.tar"].content += b"more"
    assert world.get("One").homes == [world.server.url("one.zip")]
    assert world.downloads() == ["pair.tar.corrupt"] and world.is_clean()


@pytest.mark.parametrize(
    "damaged",
    [
        lambda content: b"<html>We have moved</html>",
        lambda content: content[:2000],
        lambda content: tar(PAIR, "w:gz")[:-40],
    ],
    ids=["a page", "half a tar", "half a tar.gz"],
)
def test_a_corrupt_archive_without_a_known_checksum(world, damaged):
    del world.archives["pair.tar"]["sha256"]
    world.server.files["pair.tar"].content = damaged(world.files["pair.tar"])
    assert world.get("One").homes == [world.server.url("one.zip")]
    assert world.downloads() == ["pair.tar.corrupt"] and world.is_clean()
    assert any("pair.tar" in text and "kept as" in text for text in world.told)


def test_a_corrupt_zip(world):
    del world.archives["one.zip"]["sha256"]
    broken = bytearray(world.files["one.zip"])
    broken[60] ^= 255
    world.server.files["one.zip"].content = bytes(broken)
    world.server.files.pop("pair.tar")
    with pytest.raises(DownloadError, match=r"one.zip: cannot be unpacked \(.*\); it is damaged; kept as"):
        world.get("One")
    assert not (world.root / "benchmark/One").exists() and world.is_clean()


@pytest.mark.parametrize("escape", ["../../evil.png", "/tmp/hitsr-evil.png", "benchmark/One/../../../evil.png"])
def test_no_archive_writes_outside(world, escape):
    for name, make, members in (("pair.tar", tar, PAIR), ("one.zip", zipped, ONE)):
        del world.archives[name]["sha256"]
        world.server.files[name].content = make({**members, escape: png(9)})
    with pytest.raises(DownloadError, match="would be written outside its folder"):
        world.get("One")
    assert not list(world.root.parent.rglob("*evil*"))
    assert not (world.root / "benchmark/One").exists() and world.is_clean()


def test_a_link_in_an_archive_is_not_followed(world, tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        link = tarfile.TarInfo("benchmark/One/HR")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        file.addfile(link)
        info = tarfile.TarInfo("benchmark/One/HR/0.png")
        info.size = len(png(0))
        file.addfile(info, io.BytesIO(png(0)))
    del world.archives["pair.tar"]["sha256"]
    world.server.files["pair.tar"].content = buffer.getvalue()
    world.get("One")
    assert not (tmp_path / "0.png").exists()


def test_an_archive_with_too_few_images(world):
    del world.archives["pair.tar"]["sha256"]
    world.server.files["pair.tar"].content = tar({name: content for name, content in PAIR.items() if "/2." not in name})
    assert world.get("One").homes == [world.server.url("one.zip")]
    assert any("does not hold One: One has 3 images" in text for text in world.told)


def test_all_homes_gone(world):
    world.server.files.clear()
    with pytest.raises(DownloadError) as caught:
        world.get("One")
    message = str(caught.value)
    for words in (
        "One is not under",
        "pair.tar: HTTP 404",
        "one.zip: HTTP 404",
        "By hand: Ask for it.",
        str(world.root),
    ):
        assert words in message
    assert "\n" not in message


def test_a_set_that_needs_consent_is_not_asked_for(world):
    with pytest.raises(DownloadError, match="Closed is not under .*By hand: Ask for it."):
        world.get("Closed")
    assert world.server.requests == []


def test_an_archive_put_there_by_hand(world):
    world.server.files.clear()
    (world.root / module.DOWNLOADS).mkdir(parents=True)
    (world.root / module.DOWNLOADS / "one.zip").write_bytes(world.files["one.zip"])
    assert world.get("One").images == 3


def test_what_a_user_has_is_never_replaced(world):
    mine = world.root / "benchmark/One/HR/mine.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(png(1))
    with pytest.raises(ImageError, match="benchmark/One/HR: 1; complete the folder"):
        world.get("One")
    mine.rename(mine.with_suffix(".txt"))
    with pytest.raises(DownloadError, match="benchmark/One/HR: is in the way"):
        world.get("One")
    assert mine.with_suffix(".txt").read_bytes() == png(1)


def test_two_at_once_download_once(world):
    world.server.files["pair.tar"].pause = 0.05
    found, failed = [], []

    def run(name):
        try:
            found.append(acquire(name, world.root, world.told.append, PATIENCE))
        except BaseException as error:
            failed.append(error)

    with pytest.raises(DownloadError):
        world.get("Closed")
    threads = [threading.Thread(target=run, args=(name,)) for name in ("One", "Two", "One")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and [one.images for one in found] == [3, 3, 3]
    assert world.server.asked("pair.tar") == [None]
    assert any("another process is downloading it" in text for text in world.told)
    assert world.downloads() == [] and world.is_clean()


def test_a_full_disk(world, monkeypatch):
    def full(*arguments, **more):
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(tarfile.TarFile, "extract", full)
    with pytest.raises(DownloadError, match="No space left on device.*data_root"):
        world.get("One")
    assert world.downloads() == ["pair.tar"] and world.is_clean(), "the archive is not to blame"
