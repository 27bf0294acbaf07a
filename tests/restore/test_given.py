"""Images that something else super-resolved: found by a pattern, checked by name, number, size and colour."""

import numpy as np
import pytest

from hitsr.data.images import write_png
from hitsr.errors import ConfigError, ImageError
from hitsr.restore.given import read
from hitsr.restore.patterns import check_pattern, find

NAMES = ["baby", "bird", "img_001", "[1]*"]


@pytest.fixture
def folder(tmp_path, random):
    for name in NAMES:
        write_png(tmp_path / "Set5" / "x2" / f"{name}_IMDN_x2.png", random.integers(0, 256, (8, 12, 3), np.uint8))
    return tmp_path


@pytest.mark.parametrize(
    "pattern",
    ["{dataset}/x{scale}/{image}_IMDN_x{scale}.png", "{dataset}/x{scale}/{image}_*.png", "*/x2/{image}_*_x?.png"],
)
def test_published_names_fit(folder, pattern):
    found = find(f"{folder}/{pattern}", "Set5", 2, NAMES)
    assert list(found.files) == NAMES and not found.extra
    assert all(path.name == f"{name}_IMDN_x2.png" for name, path in found.files.items())


def test_missing_and_extra_and_ambiguous_images_are_named(folder):
    pattern = f"{folder}/{{dataset}}/x{{scale}}/{{image}}_*.png"
    assert [path.name for path in find(pattern, "Set5", 2, NAMES[1:]).extra] == ["baby_IMDN_x2.png"]
    with pytest.raises(ImageError, match=r"no super-resolved image for woman, head \(2 of 6\); looked for .*woman_\*"):
        find(pattern, "Set5", 2, [*NAMES, "woman", "head"])
    write_png(folder / "Set5" / "x2" / "baby_EDSR.png", np.zeros((8, 12, 3), np.uint8))
    with pytest.raises(ImageError, match=r"baby_EDSR.png, .*baby_IMDN_x2.png all match"):
        find(pattern, "Set5", 2, NAMES)


def test_size_and_colour_are_checked(folder, random):
    path = folder / "Set5" / "x2" / "baby_IMDN_x2.png"
    low = random.integers(0, 256, (4, 6, 3), np.uint8)
    assert read(path, low, 2).shape == (8, 12, 3)
    with pytest.raises(ImageError, match=r"baby.*12x8 pixels, expected 18x12 \(6x4 times 3\)"):
        read(path, low, 3)
    write_png(path, np.full((8, 12, 3), 7, np.uint8))
    with pytest.raises(ImageError, match="gray, but its low-resolution image is in colour"):
        read(path, low, 2)
    assert read(path, np.full((4, 6, 3), 9, np.uint8), 2).shape == (8, 12, 3)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("x/{dataset}.png", "one file for all"),
        ("{name}.png", "unknown field {name}"),
        ("{image.png", "is not a pattern"),
    ],
)
def test_patterns_are_checked(pattern, words):
    with pytest.raises(ConfigError, match=f"^config.methods.A.images: .*{words}"):
        check_pattern(pattern, "config.methods.A.images")
    check_pattern("{image}.png", "config.methods.A.images")
