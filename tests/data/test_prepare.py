"""Data sets: what is selected and what is written."""

import json

import numpy as np
import pytest

from hitsr.data.degradation import downscale
from hitsr.data.images import read_rgb, write_png
from hitsr.data.layout import hr_path, image_names, lr_path
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.data.prepare import prepare
from hitsr.errors import ConfigError, ImageError


@pytest.fixture
def images(tmp_path, random):
    for number in range(3):
        write_png(tmp_path / "source" / f"i{number}.png", random.integers(0, 256, (41, 47, 3), dtype=np.uint8))
    return tmp_path / "source"


def test_embedded_photographs_are_installed():
    for name, photograph in PHOTOGRAPHS.items():
        assert read_rgb(photograph.path).shape[2] == 3, name
        assert photograph.licence.startswith(("CC0", "Public domain"))


def test_a_folder(images, tmp_path):
    folder = tmp_path / "out"
    prepare({"folder": str(images), "exclude": ["i1"], "licence": "CC0"}, "mine", 2, folder)
    assert image_names(folder, 2) == ["i0", "i2"]
    high = read_rgb(images / "i0.png")
    assert np.array_equal(read_rgb(hr_path(folder, "i0")), high)
    assert np.array_equal(read_rgb(lr_path(folder, 2, "i0")), downscale(high, 2))
    entry = json.loads((folder / "x2.json").read_text())["images"][0]
    assert (entry["licence"], entry["width"], entry["height"]) == ("CC0", 47, 41)


def test_rows_split_a_photograph_without_overlap(tmp_path):
    for name, rows in (("a", [0, 0.8]), ("b", [0.8, 1])):
        prepare({"photographs": ["coffee"], "rows": rows}, name, 2, tmp_path / name)
    parts = [read_rgb(hr_path(tmp_path / name, "coffee")) for name in "ab"]
    assert np.array_equal(np.concatenate(parts), read_rgb(PHOTOGRAPHS["coffee"].path))


def test_what_is_there_is_left(images, tmp_path):
    folder = tmp_path / "out"
    prepare({"folder": str(images)}, "mine", 2, folder)
    before = hr_path(folder, "i0").stat().st_mtime_ns
    prepare({"folder": str(images)}, "mine", 3, folder)
    assert hr_path(folder, "i0").stat().st_mtime_ns == before


def test_bad_sources(images, tmp_path):
    with pytest.raises(ConfigError, match="no image 'i7'; there are i0, i1, i2"):
        prepare({"folder": str(images), "images": ["i7"]}, "mine", 2, tmp_path / "out")
    write_png(images / "tiny.png", np.zeros((1, 5, 3), np.uint8))
    with pytest.raises(ImageError, match=r'tiny.png.*exclude: \["tiny"\]'):
        prepare({"folder": str(images)}, "mine", 2, tmp_path / "out")
    (images / "tiny.png").write_bytes(b"broken")
    with pytest.raises(ImageError, match="tiny.png"):
        prepare({"folder": str(images)}, "mine", 2, tmp_path / "out")
    assert not (tmp_path / "out" / "x2.json").exists()
