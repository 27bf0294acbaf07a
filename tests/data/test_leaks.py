"""Photographs in two data sets: the real leak of BSD400 into Set5, and copies that were changed in known ways."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from hitsr.configuration import resolve
from hitsr.configuration.steps import Steps
from hitsr.data.folders import list_images
from hitsr.data.images import read_rgb, write_png
from hitsr.data.leaks import NEAR, Photograph, find, run, thumbnail, views
from hitsr.data.prepare import prepare


def photographs(folder, dataset, role, names=None):
    files = [path for path in list_images(folder) if names is None or path.stem in names]
    return [Photograph(dataset, role, path.stem, thumbnail(read_rgb(path))) for path in files]


@pytest.fixture(scope="module")
def everything(shared):
    """529 photographs, of which two pairs are one photograph."""
    data = shared / "data"
    found = photographs(data / "BSD400", "BSD400", "training")
    for name in ("Set5", "Set14", "BSD100", "Urban100-sample"):
        found += photographs(data / name, name, "test")
    return found


def test_the_real_leak_is_found_and_nothing_else(everything):
    found = [(pair.kind, pair.first.name, pair.second.name) for pair in find(everything)]
    assert found == [("leak", "302003", "woman"), ("duplicate", "head", "face")]
    leak = find([one for one in everything if one.name in ("302003", "woman")])[0]
    assert "302003 of BSD400 (training) is the photograph woman of Set5 (test)" in str(leak)
    assert '`exclude: ["302003"]` under datasets.BSD400' in str(leak)


def changed(image, keep, shrink, view, quality):
    """A copy that is cropped at one corner, scaled down, turned, and compressed as JPEG."""
    width, height = (int(side * keep) for side in image.size)
    copy = image.crop((image.width - width, 0, image.width, height))
    copy = views(copy.resize((width // shrink, height // shrink), Image.Resampling.BICUBIC))[view]
    buffer = io.BytesIO()
    copy.save(buffer, format="JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


@pytest.mark.parametrize("view", [0, 3, 5])
def test_changed_copies_are_found(shared, view):
    """Every one of 10 photographs, cut to 97 % of each side, halved, turned and compressed, among each other."""
    files = list_images(shared / "data" / "BSD400")[:400:40]
    originals = [Photograph("train", "training", path.stem, thumbnail(read_rgb(path))) for path in files]
    copies = [
        Photograph("test", "test", path.stem, thumbnail(changed(Image.open(path), 0.97, 2, view, 60))) for path in files
    ]
    found = find(originals + copies)
    assert sorted((pair.first.name, pair.second.name) for pair in found) == sorted((p.stem, p.stem) for p in files)
    assert all(pair.kind == "leak" and pair.distance <= NEAR for pair in found)


def test_flat_images_raise_no_alarm():
    flat = [np.full((64, 80, 3), value, np.uint8) for value in (0, 128, 255)]
    striped = np.zeros((64, 80, 3), np.uint8)
    striped[::8] = 255
    images = [*flat, striped]
    assert find([Photograph("a", "test", str(i), thumbnail(image)) for i, image in enumerate(images)]) == []


def test_the_demo_has_none(tmp_path):
    """Its training and validation images are different rows of the same photographs."""
    from conftest import ROOT

    from hitsr.configuration import read_yaml
    from hitsr.data.prepare import prepare

    config = resolve(read_yaml(ROOT / "config" / "config.yaml"))
    for name, entry in config["datasets"].items():
        prepare(entry, name, 2, tmp_path / name)
    assert run(Steps(config).make("leaks"), tmp_path, tmp_path / "leaks.json") == []


@pytest.fixture
def prepared(tmp_path, shared):
    """Two prepared data sets; the second has a photograph of the first, at half its size."""
    names = {"train": ["100007", "100039"], "test": ["100075", "copy"]}
    for dataset, images in names.items():
        for name in images:
            image = read_rgb(shared / "data" / "BSD400" / f"{'100039' if name == 'copy' else name}.jpg")
            write_png(tmp_path / "source" / dataset / f"{name}.png", image[::2, ::2] if name == "copy" else image)
        prepare({"folder": str(tmp_path / "source" / dataset)}, dataset, 2, tmp_path / dataset)
    return tmp_path


def test_the_file(prepared):
    config = resolve(
        {
            "datasets": {name: {"folder": name} for name in ("train", "test")},
            "training_set": "train",
            "test_sets": ["test"],
            "methods": {"Bicubic": {}},
        }
    )
    pairs = run(Steps(config).make("leaks"), prepared, prepared / "leaks.json")
    assert [(pair.first.name, pair.second.name) for pair in pairs] == [("100039", "copy")]
    record = json.loads((prepared / "leaks.json").read_text())
    rows = {(row["dataset"], row.get("image"), row["quantity"]): row for row in record["rows"]}
    assert rows["train", None, "images_compared"]["value"] == 2
    leak = rows["train", "100039", "leak_correlation"]
    assert leak["other"] == "test/copy" and leak["value"] > 0.85
    assert record["provenance"]["config_digest"] == Steps(config).make("leaks").digest
