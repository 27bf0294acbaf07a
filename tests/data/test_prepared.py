"""Prepared images are what their record lists, whoever reads them, whatever was prepared since; or they are refused."""

import multiprocessing
import shutil

import numpy as np
import pytest
from PIL import Image

from hitsr.data.contents import sha256_of
from hitsr.data.images import read_rgb, write_png
from hitsr.data.layout import hr_path, lr_path
from hitsr.data.prepare import prepare
from hitsr.data.prepared import open_prepared, reasons
from hitsr.errors import ImageError, ResultError
from hitsr.measure.score import run as score
from hitsr.restore.restored import open_restored
from hitsr.restore.run import interpolation
from hitsr.restore.run import run as restore
from hitsr.results.records import read_record

DIGESTS = {"config_digest": "c", "source_digest": "s"}


@pytest.fixture
def source(tmp_path, random):
    for name in ("a", "b"):
        write_png(tmp_path / "source" / f"{name}.png", random.integers(0, 256, (48, 36, 3), dtype=np.uint8))
    return tmp_path / "source"


@pytest.fixture
def folder(source, tmp_path):
    prepare({"folder": str(source)}, "mine", 2, tmp_path / "data" / "mine")
    return tmp_path / "data" / "mine"


def test_what_was_prepared_is_read(folder, source):
    data = open_prepared(folder, 2)
    assert (data.name, data.scale, data.names) == ("mine", 2, ["a", "b"])
    assert np.array_equal(data.high("a"), read_rgb(source / "a.png"))
    assert np.array_equal(data.low("a"), read_rgb(lr_path(folder, 2, "a")))
    assert data.sha256("HR", "b") == sha256_of(hr_path(folder, "b"))
    assert data.images[0]["source_sha256"] == sha256_of(source / "a.png")
    with pytest.raises(ResultError, match=r"x2.json: lists no image 'c'; delete .*x2.json and run again"):
        data.high("c")


def another(path):
    """Another image of the same size."""
    write_png(path, 255 - read_rgb(path))


def flipped(path):
    """One bit of the file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def recompressed(path):
    Image.open(path).save(path, compress_level=1)


@pytest.mark.parametrize("spoil", [another, flipped, recompressed, lambda p: p.unlink(), lambda p: p.write_bytes(b"")])
def test_an_image_that_is_another_is_refused(folder, spoil):
    data = open_prepared(folder, 2)
    spoil(hr_path(folder, "a"))
    spoil(lr_path(folder, 2, "b"))
    for read, name in ((data.high, "HR/a.png"), (data.low, "LR/x2/b.png")):
        with pytest.raises(ResultError, match=rf"{name}: .*hitsr prepare --dataset mine --scale 2 --folder"):
            read(name.split("/")[-1].removesuffix(".png"))
    assert data.high("b").shape == (48, 36, 3)


def test_a_changed_record_is_refused(folder):
    path = folder / "x2.json"
    path.write_text(path.read_text().replace('"width": 36', '"width": 34'))
    with pytest.raises(ResultError, match=r"x2.json: was changed or damaged"):
        open_prepared(folder, 2)


def test_what_prepare_makes_again_is_repaired(folder, source):
    flipped(hr_path(folder, "a"))
    prepare({"folder": str(source)}, "mine", 2, folder)
    assert open_prepared(folder, 2).high("a").shape == (48, 36, 3)


def test_scales_share_images_of_one_generation_only(folder, source):
    """The other scale's record no longer fits once one of them was prepared from changed sources."""
    entry = {"folder": str(source)}
    prepare(entry, "mine", 3, folder)
    assert open_prepared(folder, 2).generation("HR") == open_prepared(folder, 3).generation("HR")
    another(source / "a.png")
    prepare(entry, "mine", 3, folder)
    two, three = open_prepared(folder, 2), open_prepared(folder, 3)
    assert np.array_equal(three.high("a"), read_rgb(source / "a.png"))
    with pytest.raises(ResultError, match=r"HR/a.png: is not the image that was recorded.*--scale 2"):
        two.high("a")
    assert two.generation("HR") != three.generation("HR") and two.generation("LR") != three.generation("LR")
    prepare(entry, "mine", 2, folder)
    assert open_prepared(folder, 2).generation("HR") == three.generation("HR")


def test_equal_pixels_are_left_whatever_their_compression(folder, source):
    """Another version of Pillow compresses otherwise: that must not outdate the other scales."""
    recompressed(hr_path(folder, "a"))
    prepare({"folder": str(source)}, "mine", 2, folder)
    before = open_prepared(folder, 2)
    prepare({"folder": str(source)}, "mine", 3, folder)
    assert before.high("a").shape == (48, 36, 3)


def test_scales_prepared_at_once(source, tmp_path):
    folder = tmp_path / "mine"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(prepare, [({"folder": str(source)}, "mine", scale, folder) for scale in (2, 3)])
    for scale in (2, 3):
        data = open_prepared(folder, scale)
        assert all(data.high(name).size == scale**2 * data.low(name).size for name in data.names)
    assert sorted(path.name for path in (folder / "HR").iterdir()) == ["a.png", "b.png"]


def test_images_that_left_the_data_set_are_removed_with_its_last_scale(folder, source):
    prepare({"folder": str(source)}, "mine", 3, folder)
    (source / "b.png").unlink()
    prepare({"folder": str(source)}, "mine", 3, folder)
    assert not lr_path(folder, 3, "b").exists() and open_prepared(folder, 2).high("b") is not None
    prepare({"folder": str(source)}, "mine", 2, folder)
    assert not hr_path(folder, "b").exists() and not lr_path(folder, 2, "b").exists()
    assert open_prepared(folder, 2).names == ["a"] == open_prepared(folder, 3).names


def test_what_was_done_to_images_is_said_and_recorded(source, tmp_path, capsys):
    exif = Image.Exif()
    exif[274] = 6
    Image.open(source / "a.png").save(source / "a.png", exif=exif)
    Image.open(source / "b.png").save(source / "c.gif", save_all=True, append_images=[Image.open(source / "a.png")])
    (source / "notes.txt").write_text("")
    prepare({"folder": str(source)}, "mine", 2, tmp_path / "mine")
    data = open_prepared(tmp_path / "mine", 2)
    assert data.names == ["a", "b"] and data.high("a").shape == (36, 48, 3)
    assert data.images[0]["notes"] == ["turned upright (EXIF orientation 6)"] and "notes" not in data.images[1]
    assert set(data.passed_over) == {"c.gif", "notes.txt"} and "holds 2 images" in data.passed_over["c.gif"]
    assert reasons(data.images, data.passed_over)[0] == "a: turned upright (EXIF orientation 6)"
    said = capsys.readouterr().err
    assert "mine: a: turned upright (EXIF orientation 6)" in said
    assert "mine: notes.txt: passed over, not an image format that is read" in said
    with pytest.raises(ImageError, match="c.gif: holds 2 images"):
        prepare({"folder": str(source), "images": ["c"]}, "mine", 2, tmp_path / "mine")


def test_transparent_images_are_refused_or_flattened(source, tmp_path):
    pixels = np.dstack([read_rgb(source / "a.png"), np.full((48, 36), 51, np.uint8)])
    Image.fromarray(pixels).save(source / "a.png")
    entry = {"folder": str(source)}
    with pytest.raises(
        ImageError, match=r"a\.png: has transparent pixels; .*`flatten: '#ffffff'` under datasets.mine, or"
    ):
        prepare(entry, "mine", 2, tmp_path / "mine")
    prepare({**entry, "flatten": "#000000"}, "mine", 2, tmp_path / "mine")
    assert np.array_equal(open_prepared(tmp_path / "mine", 2).high("a"), (pixels[..., :3] * 0.2).round())


def test_nothing_still_in_the_folder(tmp_path):
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    (tmp_path / "source").mkdir()
    frames[0].save(tmp_path / "source" / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError, match="holds no still image"):
        prepare({"folder": str(tmp_path / "source")}, "mine", 2, tmp_path / "mine")


@pytest.fixture
def restored(folder, tmp_path):
    """Bicubic interpolation of the data set: its record."""
    who = {"method": "Bicubic", "scale": 2, "seed": 0, "dataset": "mine"}
    restore(interpolation("bicubic", 2), who, folder.parent, tmp_path / "restored", DIGESTS)
    return tmp_path / "restored" / "mine.json"


def test_restored_images_with_their_originals(restored, folder):
    record = read_record(restored)
    assert record["images"][0]["low_sha256"] == sha256_of(lr_path(folder, 2, "a"))
    pairs = list(open_restored(restored).pairs(folder.parent))
    assert [(pair.dataset, pair.image) for pair in pairs] == [("mine", "a"), ("mine", "b")]
    assert all(pair.result.shape == pair.high.shape for pair in pairs)


@pytest.mark.parametrize("spoil", [another, flipped, lambda p: p.unlink()])
def test_a_damaged_restored_image_is_not_scored(restored, folder, tmp_path, spoil):
    spoil(restored.parent / "mine" / "b.png")
    with pytest.raises(ResultError, match=r"mine/b.png: .*mine.json and run again \(hitsr restore --method Bicubic"):
        score(restored, folder.parent, tmp_path / "score.json", DIGESTS)
    assert not (tmp_path / "score.json").exists()


def test_images_restored_before_the_data_changed_are_not_scored(restored, folder, source, tmp_path):
    another(source / "a.png")
    prepare({"folder": str(source)}, "mine", 2, folder)
    with pytest.raises(ResultError, match="mine/a was made of another low-resolution image"):
        score(restored, folder.parent, tmp_path / "score.json", DIGESTS)


def test_fewer_or_more_images_than_the_data_set_has_are_not_scored(restored, folder, source, tmp_path):
    shutil.copy(source / "a.png", source / "c.png")
    prepare({"folder": str(source)}, "mine", 2, folder)
    with pytest.raises(ResultError, match="lists no image 'c' of mine"):
        score(restored, folder.parent, tmp_path / "score.json", DIGESTS)
    for name in "bc":
        (source / f"{name}.png").unlink()
    prepare({"folder": str(source)}, "mine", 2, folder)
    with pytest.raises(ResultError, match="mine has no image 'b' any more"):
        score(restored, folder.parent, tmp_path / "score.json", DIGESTS)


def test_damaged_low_resolution_images_are_not_restored(folder, tmp_path):
    flipped(lr_path(folder, 2, "b"))
    with pytest.raises(ResultError, match="LR/x2/b.png"):
        who = {"method": "M", "scale": 2, "seed": 0, "dataset": "mine"}
        restore(interpolation("bicubic", 2), who, folder.parent, tmp_path / "out", DIGESTS)
    assert not (tmp_path / "out" / "mine.json").exists()
