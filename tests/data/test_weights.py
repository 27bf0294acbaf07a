"""Published weights: found under customary names, downloaded from homes that redirect, refuse or break off, checked."""

import hashlib
import re
import shutil

import numpy as np
import pytest
import safetensors.torch
import torch
import yaml
from server import File, serving
from typer.testing import CliRunner

import hitsr
from hitsr import cli
from hitsr.configuration import resolve, trained, weights
from hitsr.configuration.preflight import preflight
from hitsr.configuration.published_weights import by_hand, find
from hitsr.configuration.steps import Steps, files_of
from hitsr.data.fetch_weights import fetch
from hitsr.data.images import write_png
from hitsr.data.transfer import Patience
from hitsr.errors import CheckpointError, ConfigError, DownloadError
from hitsr.networks.registry import networks
from hitsr.results.layout import Layout
from hitsr.results.settings import Given

PATIENCE = Patience(attempts=2, first_wait=0.01, longest_wait=0.01)
NAME, SCALE = "SRPN-Lite", 2
RUN = {"scales": [2], "datasets": {"a": {"folder": "."}}, "test_sets": ["a"]}


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """Weights of an unpublished network, as `torch.save` writes them."""
    path = tmp_path_factory.mktemp("made") / "weights.pt"
    torch.save(hitsr.to_official(hitsr.build(NAME, SCALE)), path)
    return path.read_bytes()


class World:
    """A server with `a.pt`, a catalogue in which it is the file of SRPN-Lite x2, and a folder of weights."""

    def __init__(self, server, folder, content):
        self.server, self.root, self.told, self._folder = server, folder / "weights", [], folder
        server.files["a.pt"] = File(content)
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.file = {"name": "folder/model.pt", "homes": [server.url("a.pt")], "sha256": self.sha256}
        self.entry = {"files": {"2": [self.file]}, "source": "s", "licence": "l"}
        self.write()

    def write(self):
        path = self._folder / "weights.yaml"
        path.write_text(yaml.safe_dump({NAME: self.entry}))
        weights.catalogue.cache_clear()

    def put(self, name, content):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(content)

    def get(self):
        self.write()
        return fetch(NAME, SCALE, self.root, self.told.append, PATIENCE)

    def files(self):
        return sorted(
            str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file() and p.suffix != ".lock"
        )


@pytest.fixture
def world(tmp_path, monkeypatch, content):
    monkeypatch.setattr(weights, "FILE", tmp_path / "weights.yaml")
    monkeypatch.delenv(weights.VARIABLE, raising=False)
    with serving() as server:
        yield World(server, tmp_path, content)
    weights.catalogue.cache_clear()


def test_the_catalogue_knows_every_network():
    assert set(weights.catalogue()) == set(networks())
    for name, entry in weights.catalogue().items():
        assert entry["files"] or "manual" in entry or "unpublished" in entry, name
        names = [file["name"] for files in entry["files"].values() for file in files]
        assert name == "CARN" or len(set(names)) == len(names)


def test_the_reference_weights_are_found_by_name_and_checksum(shared):
    expected = {
        **{("IMDN", scale): f"IMDN_x{scale}_official.pth" for scale in (2, 3, 4)},
        **{("LatticeNet", scale): f"LatticeNet_x{scale}_public.pt" for scale in (2, 3, 4)},
        ("HiT-SRF", 4): "HiT-SRF_x4_official.pth",
    }
    for name in weights.catalogue():
        for scale in (2, 3, 4):
            found = find(name, scale, shared / "weights")
            assert (found and found.name) == expected.get((name, scale)), (name, scale)


def test_downloaded_once_through_redirects(world):
    """Hugging Face and GitHub send a request on, the first to an address that names the file otherwise."""
    world.server.files["XiangZ/resolve/main/a.pt"] = File(b"", location="/cdn/a.pt?signature=1")
    world.server.files["cdn/a.pt?signature=1"] = File(world.server.files["a.pt"].content)
    world.file["homes"] = [world.server.url("XiangZ/resolve/main/a.pt")]
    assert world.get() == world.root / "folder/model.pt" == find(NAME, SCALE, world.root)
    asked = len(world.server.requests)
    assert world.get() == world.root / "folder/model.pt" and len(world.server.requests) == asked
    assert world.files() == ["folder/model.pt"]


def test_an_interrupted_download_goes_on_behind_a_redirect(world):
    world.server.files["here"] = File(b"", location="/a.pt")
    world.server.files["a.pt"].cuts = [70_000]
    world.file["homes"] = [world.server.url("here")]
    world.get()
    assert world.server.asked("a.pt") == [None, "bytes=70000-"]
    assert world.server.sent == len(world.server.files["a.pt"].content)


@pytest.mark.parametrize(("status", "words"), [(404, "HTTP 404"), (403, "HTTP 403"), (500, "HTTP 500")])
def test_the_next_home_then_what_to_do_by_hand(world, status, words):
    world.server.files["gone.pt"] = File(b"", statuses=[status] * 9)
    world.file["homes"] = [world.server.url("gone.pt"), world.server.url("a.pt")]
    assert world.get() == world.root / "folder/model.pt"
    assert any(words in text for text in world.told)
    shutil.rmtree(world.root)
    world.file["homes"] = [world.server.url("gone.pt")]
    with pytest.raises(
        DownloadError, match=rf"{words}.*by hand: ask the authors; put the file there as {NAME}_x2\.pth"
    ):
        world.entry["manual"] = "ask the authors"
        world.get()


def test_a_wrong_checksum_is_refused_with_both(world):
    world.file["sha256"] = "0" * 64
    with pytest.raises(DownloadError, match=f"sha256 {world.sha256} instead of {'0' * 64}"):
        world.get()
    assert world.files() == ["folder/model.pt.corrupt"] and find(NAME, SCALE, world.root) is None


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html><title>Sign in</title>", b"version https://git-lfs.github.com/spec/v1\n"]
)
def test_a_page_instead_of_weights_is_refused(world, page):
    world.server.files["a.pt"].content = page
    del world.file["sha256"]
    with pytest.raises(DownloadError, match="not a file of weights but a page or a pointer"):
        world.get()
    assert world.files() == ["folder/model.pt.corrupt"]


@pytest.mark.parametrize("known", ["sha256", "first digits", "md5", "git_blob", "nothing"])
def test_every_kind_of_checksum(world, content, known):
    del world.file["sha256"]
    digest = {
        "sha256": {"sha256": world.sha256},
        "first digits": {"sha256": world.sha256[:8]},
        "md5": {"md5": hashlib.md5(content).hexdigest()},
        "git_blob": {"git_blob": hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()},
        "nothing": {},
    }[known]
    world.file |= digest
    world.write()
    world.put("folder/model.pt", content)
    assert find(NAME, SCALE, world.root) == world.root / "folder/model.pt"
    world.put("folder/model.pt", content[:-1] + b"x")
    if digest:
        with pytest.raises(CheckpointError, match=rf"folder/model\.pt: .* instead of {next(iter(digest.values()))}"):
            find(NAME, SCALE, world.root)


@pytest.mark.parametrize(
    "name", [f"{NAME}_x2.pt", f"{NAME}_x2_official.pt", f"{NAME}_x2_public.pth", "folder/model.pt", "hub/abc/model.pt"]
)
def test_customary_names(world, content, name):
    world.file["names"] = ["hub/*/model.pt"]
    world.write()
    world.put(name, content)
    assert world.get() == world.root / name and not world.server.requests


def test_a_damaged_file_beside_a_good_one(world, content):
    world.put(f"{NAME}_x2.pt", b"damaged")
    with pytest.raises(CheckpointError, match=rf"sha256 [0-9a-f]{{64}} instead of {world.sha256}: not the published"):
        world.get()
    world.put("folder/model.pt", content)
    assert world.get() == world.root / "folder/model.pt"


def test_published_in_a_configuration(world, content, tmp_path, monkeypatch):
    run = {**RUN, "methods": {NAME: {"weights": "published"}}}
    monkeypatch.setenv(weights.VARIABLE, str(world.root))
    expected = {"2": str(world.root / "folder/model.pt")}
    for content_there in (None, content):
        if content_there:
            world.put("folder/model.pt", content)
        for method in (
            resolve({**run, "weights_root": str(world.root)})["methods"][NAME],
            resolve(run)["methods"][NAME],
        ):
            assert (method["weights"], method["published"], method["unavailable"]) == (expected, ["2"], {})
    mine = tmp_path / "mine.pth"
    mine.write_bytes(content)
    both = {**RUN, "scales": [2, 3], "methods": {NAME: {"weights": {2: "published", 3: str(mine)}}}}
    assert resolve(both)["methods"][NAME]["weights"] == {**expected, "3": str(mine)}
    world.put("folder/model.pt", b"another")
    with pytest.raises(ConfigError, match=f"instead of {world.sha256}"):
        resolve(run)


def test_the_workflow_gets_published_ones(world, tmp_path, monkeypatch, random):
    """What a file without a known checksum is, is known when it is there; until it is another one nothing is redone."""
    monkeypatch.chdir(tmp_path)
    del world.file["sha256"]
    world.write()
    write_png(tmp_path / "photographs/a.png", random.integers(0, 256, (40, 44, 3), np.uint8))
    run = {
        **RUN,
        "run": "mine",
        "datasets": {"a": {"folder": "photographs"}},
        "methods": {NAME: {"weights": "published"}},
        "weights_root": str(world.root),
    }
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(run))
    wildcards = {"method": NAME, "scale": 2, "seed": 0, "dataset": "a"}

    def step():
        return Steps(resolve(run)).make("restore", **wildcards)

    planned = step()
    assert (planned.given, planned.weights.sha256, preflight(resolve(run)).wrong) == (None, None, [])
    (path := Given(Layout("mine").settings, started=True).path(planned)).parent.mkdir(parents=True, exist_ok=True)
    call("prepare", "-c", "run.yaml", "--dataset", "a", "--scale", "2")
    with pytest.raises(AssertionError, match=f"weights/{NAME}/x2.json: no such file; make it first"):
        call("restore", "--settings", path)
    call("fetch", "-c", "run.yaml", "--method", NAME, "--scale", "2")
    call("restore", "--settings", path)
    assert step().digest == planned.digest and step().given == str(world.root / "folder/model.pt")
    torch.save(hitsr.to_official(hitsr.build(NAME, SCALE)), world.root / "folder/model.pt")
    assert step().digest != planned.digest


def test_available_ones_are_scored_where_they_are(world, content):
    run = {**RUN, "scales": [2, 3], "methods": {NAME: {"weights": "available"}, "Bicubic": {}}}
    run = {**run, "weights_root": str(world.root), "report": {"tables": ["main"]}}
    found = resolve(run)
    get = f"`hitsr weights get {NAME} --root {world.root}`"
    assert found["methods"][NAME]["unavailable"] == {"2": get, "3": by_hand(NAME, 3)}
    world.put("folder/model.pt", content)
    found = resolve(run)
    scored = [(job["method"], job["scale"]) for _, job in files_of(found, "quality").values()]
    assert scored == [(NAME, 2), ("Bicubic", 2), ("Bicubic", 3)]
    assert len(files_of(found, "complexity")) == 2 and trained(found) == []
    with pytest.raises(ConfigError, match=f"{NAME} x3: its weights are not here; get them: "):
        Steps(found).make("restore", method=NAME, scale=3, seed=0, dataset="a")


def test_unpublished_ones_say_so(world):
    world.entry = {"unpublished": "the authors were asked", "source": "s", "licence": "l"}
    with pytest.raises(DownloadError, match="none are published: the authors were asked"):
        world.get()


def call(*arguments):
    result = CliRunner().invoke(cli.app, list(map(str, arguments)))
    assert result.exit_code == 0, f"{result.output}{result.exception}"


def invoke(*arguments):
    result = CliRunner().invoke(cli.app, ["weights", *map(str, arguments)])
    return result, re.sub(r"\s+", " ", result.output)


def test_the_verbs(world):
    _, shown = invoke("list", "--root", world.root)
    assert world.server.url("a.pt") in shown and "licence: l" in shown
    result, shown = invoke("get", NAME, "--scale", 2, "--root", world.root)
    assert result.exit_code == 0 and f"{NAME} x2: {world.root}/folder/model.pt" in shown
    _, shown = invoke("list", "--root", world.root)
    assert f"x2 found: {world.root}/folder/model.pt" in shown
    result, shown = invoke("check", "--root", world.root)
    assert result.exit_code == 0 and f"{NAME} x2 fits" in shown and "609,066 parameters" in shown


def test_checking_loads_the_files(world):
    """A file of another network has no checksum here, and only loading tells it."""
    del world.file["sha256"]
    world.file["name"] = "folder/model.safetensors"
    world.write()
    other = hitsr.to_official(hitsr.build(NAME, 3))
    (world.root / "folder").mkdir(parents=True)
    safetensors.torch.save_file(other, world.root / "folder/model.safetensors")
    result, shown = invoke("check", "--root", world.root)
    assert isinstance(result.exception, CheckpointError)
    assert f"does not fit {NAME} x2: it seems to be {NAME} x3 with 45 channels" in shown
