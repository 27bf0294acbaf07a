"""Folders of images, and the files that a data set takes of them."""

import os
import socket
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from hitsr.data.decoding import FORMATS
from hitsr.data.folders import EXTENSIONS, list_images, survey
from hitsr.data.images import write_png
from hitsr.data.sources import digest, inputs, sources
from hitsr.errors import ConfigError, ImageError

PIXELS = np.zeros((8, 8, 3), np.uint8)


def names(paths):
    return [path.name for path in paths]


@pytest.fixture
def folder(tmp_path):
    for name in ("img10", "img2"):
        write_png(tmp_path / "images" / f"{name}.png", PIXELS)
    return tmp_path / "images"


def test_folders(tmp_path):
    with pytest.raises(ImageError, match="no such folder"):
        list_images(tmp_path / "absent")
    with pytest.raises(ImageError, match="holds no image"):
        list_images(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ImageError, match=r"holds no image .*it holds notes.txt \(not an image format"):
        list_images(tmp_path)
    for name in ("img10.png", "img2.png", ".hidden.png"):
        write_png(tmp_path / name, PIXELS)
    assert names(list_images(tmp_path)) == ["img2.png", "img10.png"]
    (tmp_path / "img2.jpg").write_bytes(b"")
    with pytest.raises(ImageError, match="same name"):
        list_images(tmp_path)


def test_what_is_passed_over_is_named(folder, monkeypatch):
    (folder / "sub.png").mkdir()
    (folder / "raw.cr2").write_bytes(b"")
    os.mkfifo(folder / "pipe.png")
    monkeypatch.chdir(folder)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.png")
        images, others = survey(folder)
    assert names(images) == ["img2.png", "img10.png"]
    assert others == {
        "pipe.png": "not a file",
        "raw.cr2": "not an image format that is read",
        "socket.png": "not a file",
        "sub.png": "a folder",
    }
    assert sources({"folder": str(folder)}, "mine", None).passed_over == others


def test_the_order_does_not_depend_on_the_disk(tmp_path):
    for name in ("a1", "A1", "b", "x²", "x2", "²"):
        write_png(tmp_path / f"{name}.png", PIXELS)
    assert names(list_images(tmp_path)) == ["A1.png", "a1.png", "b.png", "x2.png", "x².png", "².png"]


def test_two_spellings_of_one_name(folder):
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    write_png(folder / f"{decomposed}.png", PIXELS)
    assert sources({"folder": str(folder), "images": [composed]}, "mine", None).images[0].name == decomposed
    write_png(folder / f"{composed}.png", PIXELS)
    with pytest.raises(ImageError, match="have the same name"):
        list_images(folder)


@pytest.mark.parametrize(
    "name", ["图像", "$HOME", "$(touch x)", "-n", "NA", "007", "a'b\"c", "x" * 236, "a, b; c", "50 %"]
)
def test_odd_names_are_names(folder, name):
    write_png(folder / f"{name}.png", PIXELS)
    assert sources({"folder": str(folder), "images": [name]}, "mine", None).images[0].path == folder / f"{name}.png"


@pytest.mark.parametrize(
    ("name", "shown"),
    [(b"caf\xe9.png", r"caf\xe9.png: the name is not UTF-8"), (b"a\nb.png", r"a\nb.png: the name holds")],
)
def test_names_that_no_table_can_hold(folder, name, shown):
    (folder / os.fsdecode(name)).write_bytes(b"")
    with pytest.raises(ImageError) as caught:
        sources({"folder": str(folder)}, "mine", None)
    assert shown in str(caught.value) and str(caught.value).encode() and "\n" not in str(caught.value)
    assert len(sources({"folder": str(folder), "images": ["img2"]}, "mine", None).images) == 1, "if it is taken"


def test_a_choice(folder):
    def taken(**choice):
        return [item.name for item in sources({"folder": str(folder), **choice}, "mine", None).images]

    assert taken() == ["img2", "img10"] and taken(images=["img10", "img2", "img10"]) == ["img10", "img2"]
    assert taken(exclude=["img2"]) == ["img10"]
    for key in ("images", "exclude"):
        with pytest.raises(ConfigError, match=rf"datasets.mine.{key}: no image 'i7'; there are img2, img10"):
            taken(**{key: ["i7"]})
    with pytest.raises(ConfigError, match="no image is left"):
        taken(exclude=["img2", "img10"])


def test_the_digest_is_that_of_what_is_taken(folder, tmp_path):
    cache = tmp_path / "cache.json"

    def found(**choice):
        return digest({"folder": str(folder), **choice}, "mine", 2, None, cache)

    all_, one = found(), found(images=["img2"])
    write_png(folder / "img10.png", PIXELS + 1)
    assert found() != all_ and found(images=["img2"]) == one
    write_png(folder / "new.png", PIXELS)
    assert found(images=["img2"]) == one


def test_given_low_resolution_images_count(tmp_path):
    high, low = tmp_path / "HR" / "a.png", tmp_path / "LR_bicubic" / "X2" / "ax2.png"
    write_png(high, PIXELS)
    write_png(low, PIXELS[::2, ::2])
    entry = {"folder": str(tmp_path)}
    assert inputs(entry, "mine", 2, None) == [high, low] and inputs(entry, "mine", 3, None) == [high]
    assert inputs({**entry, "rows": [0, 0.5]}, "mine", 2, None) == [high]


def test_it_is_light():
    script = (
        "import sys, hitsr.data.sources; print([m for m in ('torch', 'numpy', 'pandas', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_extension_is_of_a_format_that_is_read(tmp_path):
    """And what Pillow would read in another way is passed over by name."""
    assert {Image.registered_extensions()[end] for end in EXTENSIONS} <= set(FORMATS)
    for name in ("a.png", "b.jp2", "c.avif", "d.psd", "e.heic"):
        (tmp_path / name).write_bytes(b"")
    images, others = survey(tmp_path)
    assert names(images) == ["a.png"] and len(others) == 4
