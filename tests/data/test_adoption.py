"""Public data sets in the layouts that users have them in, and low-resolution files beside them."""

import json
import shutil

import numpy as np
import pytest

from hitsr.configuration.datasets import catalogue
from hitsr.data.adoption import adopted, given_low
from hitsr.data.degradation import downscale
from hitsr.data.images import read_rgb, write_png
from hitsr.data.prepare import prepare
from hitsr.errors import ConfigError, ImageError
from hitsr.report.page.references import library

DOT = np.zeros((12, 12, 3), np.uint8)


def fill(folder, names, suffix="png"):
    folder.mkdir(parents=True, exist_ok=True)
    write_png(folder / "0.png", DOT)
    content = (folder / "0.png").read_bytes()
    (folder / "0.png").unlink()
    for name in names:
        (folder / f"{name}.{suffix}").write_bytes(content)


def numbers(first, last, digits):
    return [f"{number:0{digits}d}" for number in range(first, last + 1)]


LAYOUTS = [
    ("Set5", "benchmark/Set5/HR", numbers(1, 5, 1)),
    ("Set5", "benchmark/Set5", numbers(1, 5, 1)),
    ("Set14", "testsets/Set14/HR", numbers(1, 14, 2)),
    ("B100", "benchmark/B100/HR", numbers(1, 100, 3)),
    ("B100", "benchmark/BSD100/HR", numbers(1, 100, 3)),
    ("B100", "BSDS100", numbers(1, 100, 3)),
    ("Urban100", "Urban100/HR", numbers(1, 100, 3)),
    ("Manga109", "benchmark/Manga109/HR", numbers(1, 109, 3)),
    ("DIV2K-train", "DIV2K/DIV2K_train_HR", numbers(1, 800, 4)),
    ("DIV2K-train", "DIV2K_train_HR", numbers(1, 900, 4)),
    ("DIV2K-validation", "DIV2K/DIV2K_valid_HR", numbers(801, 900, 4)),
    ("DIV2K-validation", "DIV2K/DIV2K_train_HR", numbers(1, 900, 4)),
    ("Flickr2K", "Flickr2K/Flickr2K_HR", numbers(1, 2650, 6)),
    ("BSD400", "BSD400", numbers(1, 400, 3)),
]


@pytest.mark.parametrize(("name", "folder", "names"), LAYOUTS)
def test_customary_layouts(tmp_path, name, folder, names):
    assert adopted(name, tmp_path) is None
    fill(tmp_path / folder, names)
    found = adopted(name, tmp_path)
    assert len(found) == catalogue()["sets"][name]["images"]
    assert {path.parent for path in found} == {tmp_path / folder}
    if "numbered" in catalogue()["sets"][name]:
        assert [found[0].stem, found[-1].stem] == catalogue()["sets"][name]["numbered"]


def test_a_set_in_two_folders(tmp_path):
    for part, names in (("train", numbers(1, 200, 3)), ("test", numbers(201, 400, 3))):
        fill(tmp_path / "BSDS500/data/images" / part, names, "jpg")
    assert [path.stem for path in adopted("BSD400", tmp_path)] == numbers(1, 400, 3)


def test_a_set_of_two_sets(tmp_path):
    fill(tmp_path / "DIV2K/DIV2K_train_HR", numbers(1, 800, 4))
    assert adopted("DF2K", tmp_path) is None
    fill(tmp_path / "Flickr2K", numbers(1, 2650, 6))
    found = [path.stem for path in adopted("DF2K", tmp_path)]
    assert len(set(found)) == 3450 and (found[0], found[-1]) == ("0001", "002650")


def test_an_incomplete_folder_is_named_and_a_complete_one_preferred(tmp_path):
    fill(tmp_path / "benchmark/BSD100/HR", numbers(1, 99, 3))
    with pytest.raises(
        ImageError, match=r"B100 has 100 images, but there are in .*benchmark/BSD100/HR: 99; .*`folder`"
    ):
        adopted("B100", tmp_path)
    fill(tmp_path / "B100", numbers(1, 100, 3))
    assert {path.parent.name for path in adopted("B100", tmp_path)} == {"B100"}


def test_a_missing_set_says_how_to_get_it(tmp_path):
    with pytest.raises(ImageError, match=r"Set5: not under .*; get it with `hitsr download`"):
        prepare({"public": "Set5"}, "mine", 2, tmp_path / "out", tmp_path / "datasets")


def test_an_unknown_set_is_a_mistake():
    from hitsr.configuration import resolve

    with pytest.raises(ConfigError, match=r"config.datasets.x.public: .*'Set6'.* one of DIV2K-train, .*Manga109"):
        resolve({"datasets": {"x": {"public": "Set6"}}, "test_sets": ["x"], "methods": {"Bicubic": {}}})


def test_a_public_set_brings_source_licence_and_paper():
    from hitsr.configuration import resolve

    datasets = {"x": {"public": "Set5"}, "y": {"public": "Set14", "licence": "mine"}}
    found = resolve({"datasets": datasets, "test_sets": ["x"], "methods": {"Bicubic": {}}})["datasets"]
    assert found["x"]["cite"] == "bevilacqua2012set5" and found["x"]["licence"] == "not stated; for research"
    assert found["y"]["licence"] == "mine"


def test_the_catalogue_is_complete():
    for name, entry in catalogue()["sets"].items():
        assert entry["cite"] in library(), name
        assert entry["archives"] or entry["parts"] or entry["manual"], name
        for offer in entry["archives"]:
            assert entry["manual"], name
            assert (offer["archive"], offer["take"]) and not offer["to"].startswith(("/", "."))
    assert sum(catalogue()["sets"][part]["images"] for part in ("DIV2K-train", "Flickr2K")) == 3450


@pytest.mark.parametrize(
    ("high", "low"),
    [
        ("benchmark/Set5/HR/baby.png", "benchmark/Set5/LR_bicubic/X2/babyx2.png"),
        ("benchmark/Set5/baby.png", "benchmark/Set5/LR_bicubic/X2/babyx2.png"),
        ("benchmark/Manga109/HR/ARMS.png", "benchmark/Manga109/LR_bicubic/X2/ARMS_LRBI_x2.png"),
        ("benchmark/Set5/HR/baby.bmp", "benchmark/Set5/LR_bicubic/X2/baby.png"),
        ("DIV2K/DIV2K_train_HR/0001.png", "DIV2K/DIV2K_train_LR_bicubic/X2/0001x2.png"),
    ],
)
def test_given_low_resolution_files(tmp_path, high, low):
    for path in (high, low):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert given_low(tmp_path / high, 2) == tmp_path / low
    assert given_low(tmp_path / high, 3) is None
    (tmp_path / low).unlink()
    assert given_low(tmp_path / high, 2) is None


def listed(folder, scale):
    return {image["name"]: image for image in json.loads((folder / f"x{scale}.json").read_text())["images"]}


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_our_low_resolution_images_equal_the_published_ones(shared, tmp_path, scale):
    """Set5 as its distributors lay it out: the five images are equal in every pixel, a changed one is told of."""
    golden, root = shared / "golden" / "metrics_png", tmp_path / "root"
    shutil.copytree(golden / "HR", root / "benchmark/Set5/HR")
    low = root / f"benchmark/Set5/LR_bicubic/X{scale}"
    shutil.copytree(golden / f"LR_X{scale}", low)
    prepare({"public": "Set5"}, "Set5", scale, tmp_path / "out", root)
    images = listed(tmp_path / "out", scale)
    assert {image["given_low"]["differing_pixels"] for image in images.values()} == {0} and len(images) == 5

    changed = read_rgb(low / f"babyx{scale}.png")
    changed[3, 5, 1] ^= 1
    changed[4, 6] ^= 1
    write_png(low / f"babyx{scale}.png", changed)
    write_png(low / f"birdx{scale}.png", changed[:-1])
    (low / f"womanx{scale}.png").unlink()
    prepare({"folder": str(root / "benchmark/Set5")}, "Set5", scale, tmp_path / "out", root)
    images = listed(tmp_path / "out", scale)
    assert images["baby"]["given_low"]["differing_pixels"] == 2
    assert not images["bird"]["given_low"]["same_size"]
    assert "given_low" not in images["woman"]
    ours = read_rgb(tmp_path / "out" / "LR" / f"x{scale}" / "baby.png")
    assert np.array_equal(ours, downscale(read_rgb(golden / "HR" / "baby.png"), scale)), "ours are used"
