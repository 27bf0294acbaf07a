"""`hitsr upscale`: any images with trained weights, as a user of other upscalers expects."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms
from typer.testing import CliRunner

import hitsr
from hitsr.cli import app
from hitsr.data.degradation import upscale_bicubic
from hitsr.data.images import read_rgb, write_png
from hitsr.errors import HitsrError
from hitsr.restore.within import told

OPTIONS = {"dim": 16, "depths": (1,), "heads": 2, "window_ratios": (1,)}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    hitsr.save(hitsr.build("HiT-SIR", 2, **OPTIONS), path, {})
    return path


@pytest.fixture(scope="module")
def model(weights):
    return hitsr.load(weights)


@pytest.fixture
def images(tmp_path, random):
    for name, size in (("a", (12, 17)), ("b", (30, 9))):
        write_png(tmp_path / "low" / f"{name}.png", random.integers(0, 256, (*size, 3), dtype=np.uint8))
    return tmp_path / "low"


@pytest.fixture
def call(weights):
    return lambda *arguments: CliRunner().invoke(app, ["upscale", *map(str, arguments), "--weights", str(weights)])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_of_images(call, model, images, tmp_path):
    done = call(images, "--folder", tmp_path / "high", "--max-memory", "1GiB")
    assert done.exit_code == 0, done.output
    for name in "ab":
        expected = hitsr.upscale(model, read_rgb(images / f"{name}.png"))
        assert np.array_equal(read_rgb(tmp_path / "high" / f"{name}_x2.png"), expected)
    assert f"written: 2 images in {tmp_path / 'high'} (HiT-SIR x2 on cpu" in done.stdout


def test_results_lie_beside_the_images_unless_told_otherwise(call, images):
    assert call(images / "a.png").exit_code == 0
    assert call(images / "b.png", "--suffix", "_large").exit_code == 0
    assert names(images) == ["a.png", "a_x2.png", "b.png", "b_large.png"]


def test_a_bad_file_is_named_and_the_rest_done(call, images, tmp_path):
    (images / "a0.png").write_text("no image")
    (images / "notes.txt").write_text("x")
    done = call(images, "--folder", tmp_path / "high")
    assert done.exit_code == 1 and names(tmp_path / "high") == ["a_x2.png", "b_x2.png"]
    assert "error: " in done.stderr and "a0.png: not an image of a format that is read" in done.stderr
    assert "notes.txt: passed over" in done.stderr and done.stdout.rstrip().endswith("; 1 failed")


def test_formats(call, model, images, tmp_path):
    expected = hitsr.upscale(model, read_rgb(images / "a.png"))
    for ext in ("png", "jpg", ".webp"):
        assert call(images / "a.png", "--folder", tmp_path / "high", "--ext", ext).exit_code == 0
    assert names(tmp_path / "high") == ["a_x2.jpg", "a_x2.png", "a_x2.webp"]
    for name in names(tmp_path / "high"):
        with Image.open(tmp_path / "high" / name) as image:
            assert image.format.lower().startswith(name[5:7])
        same = np.array_equal(read_rgb(tmp_path / "high" / name), expected)
        assert same or name.endswith("jpg")


def test_photographs_are_upright_and_keep_their_profile(call, model, images, tmp_path):
    pixels, exif = read_rgb(images / "a.png"), Image.Exif()
    exif[274] = 6
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(pixels).save(tmp_path / "photo.tif", exif=exif, icc_profile=icc)
    assert call(tmp_path / "photo.tif", "--folder", tmp_path / "high").exit_code == 0
    assert np.array_equal(read_rgb(tmp_path / "high" / "photo_x2.png"), hitsr.upscale(model, np.rot90(pixels, -1)))
    with Image.open(tmp_path / "high" / "photo_x2.png") as image:
        assert image.info["icc_profile"] == icc


def test_transparency_is_enlarged_or_flattened(call, model, images, tmp_path):
    pixels = read_rgb(images / "a.png")
    alpha = np.linspace(0, 255, pixels[..., 0].size).reshape(pixels.shape[:2]).astype(np.uint8)
    Image.fromarray(np.dstack([pixels, alpha])).save(tmp_path / "clear.png")
    call(tmp_path / "clear.png", "--folder", tmp_path / "kept")
    with Image.open(tmp_path / "kept" / "clear_x2.png") as image:
        found = np.array(image)
    assert np.array_equal(found[..., :3], hitsr.upscale(model, pixels))
    assert np.array_equal(found[..., 3], upscale_bicubic(np.repeat(alpha[..., None], 3, 2), 2)[..., 0])
    done = call(tmp_path / "clear.png", "--ext", "jpg", "--folder", tmp_path / "jpg")
    assert done.exit_code == 1 and "--flatten" in done.stderr and not (tmp_path / "jpg").exists()
    assert (
        call(tmp_path / "clear.png", "--ext", "jpg", "--flatten", "white", "--folder", tmp_path / "jpg").exit_code == 0
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--max-memory", "lots"], "2GiB"),
        (["--tile", "4"], "--tile 4"),
        (["--scale", "2"], "--network"),
        (["--ext", "gif"], "--ext gif: expected one of png, jpg, webp"),
        (["--suffix", "a/b"], "--folder"),
        (["--flatten", "sky"], "'#ffffff'"),
        (["--device", "gpu"], "auto, cpu, cuda"),
    ],
)
def test_what_does_not_fit_is_explained(call, images, tmp_path, arguments, message):
    done = call(images, "--folder", tmp_path / "high", *arguments)
    assert isinstance(done.exception, HitsrError)
    assert message in str(done.exception)
    assert not list(tmp_path.glob("high/*"))


def test_too_little_memory_is_said_of_each_image(call, images, tmp_path):
    done = call(images, "--folder", tmp_path / "high", "--max-memory", "1MiB")
    assert done.exit_code == 1 and "at least" in done.stderr and "nothing written" in done.stdout


def test_nothing_is_overwritten_silently(call, images, tmp_path):
    before = (images / "a.png").read_bytes()
    write_png(tmp_path / "other" / "a.png", np.zeros((8, 8, 3), np.uint8))
    write_png(images / "a_x2.png", np.zeros((8, 8, 3), np.uint8))
    for arguments, words in (
        ([images, tmp_path / "other", "--folder", tmp_path / "high"], "overwrite each other"),
        ([images], "would overwrite an image that is to be super-resolved"),
        ([images / "a.png", "--suffix", ""], "take the place of images"),
        ([images / "a.png", "--suffix", "", "--folder", images], "would overwrite an image"),
    ):
        done = call(*arguments)
        assert isinstance(done.exception, HitsrError) and words in str(done.exception), words
    assert (images / "a.png").read_bytes() == before and not (tmp_path / "high").exists()


@pytest.mark.parametrize(
    "name", [b"caf\xe9.png", b"two\nlines.png", "图像.png".encode(), b"$(touch x).png", b"x" * 246 + b".png"]
)
def test_odd_names(call, images, tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    (images / "a.png").rename(path)
    done = call(path, "--folder", tmp_path / "high")
    assert done.exit_code == 0, done.output
    assert [os.fsencode(found.name) for found in (tmp_path / "high").iterdir()] == [name[:-4] + b"_x2.png"]
    assert done.stdout.count("\n") == 1 and "\x1b" not in done.stdout


def test_a_name_without_room_for_the_suffix(call, images, tmp_path):
    path = tmp_path / ("x" * 250 + ".png")
    (images / "a.png").rename(path)
    done = call(path, "--folder", tmp_path / "high")
    assert done.exit_code == 1 and "shorten the name" in done.stderr


def test_a_name_that_begins_with_a_dash(weights, images):
    (images / "a.png").rename(images / "-a.png")
    command = [sys.executable, "-m", "hitsr", "upscale", "--weights", str(weights), "--folder", "high", "--", "-a.png"]
    done = subprocess.run(command, cwd=images, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (images / "high" / "-a_x2.png").exists()


def test_official_weights_are_recognised(shared, images, tmp_path):
    file = shared / "weights" / "HiT-SRF_x4_official.pth"
    done = CliRunner().invoke(
        app, ["upscale", str(images / "a.png"), "-o", str(tmp_path / "high"), "--weights", str(file)]
    )
    assert done.exit_code == 0, done.output
    assert "HiT-SRF x4" in done.stdout and read_rgb(tmp_path / "high" / "a_x4.png").shape == (48, 68, 3)


def test_weights_of_no_network_here(images, tmp_path):
    torch.save({"first.weight": torch.zeros(3)}, tmp_path / "other.pth")
    done = CliRunner().invoke(app, ["upscale", str(images), "--weights", str(tmp_path / "other.pth")])
    assert "fits no network of this suite" in str(done.exception) and "--network" in str(done.exception)


def test_self_ensemble_does_not_depend_on_the_orientation(model, images):
    """Turned images give the same image turned: of the network alone, they do not."""
    image = read_rgb(images / "a.png")
    expected = hitsr.upscale(model, image, self_ensemble=True)
    plain = hitsr.upscale(model, image)
    differs = False
    for turn in (np.rot90, np.fliplr):  # all eight are made of these
        found = hitsr.upscale(model, np.ascontiguousarray(turn(image)), self_ensemble=True)
        # the mean is rounded once: of equal means up to rounding of floats, a few lie on either side of a half
        assert np.abs(found.astype(int) - turn(expected)).max() <= 1 and np.mean(found != turn(expected)) < 1e-2
        differs |= not np.array_equal(hitsr.upscale(model, np.ascontiguousarray(turn(image))), turn(plain))
    assert differs


def test_self_ensemble_is_the_mean_of_eight(model, images):
    image = torch.from_numpy(read_rgb(images / "a.png")).permute(2, 0, 1)[None].float() / 255
    total = torch.zeros(1, 3, 24, 34)
    with torch.no_grad():
        for quarter in range(4):
            for mirrored in (False, True):
                turned = torch.rot90(image.flip(3) if mirrored else image, quarter, (2, 3))
                back = torch.rot90(model(turned), -quarter, (2, 3))
                total += (back.flip(3) if mirrored else back) / 8
    expected = (total * 255).round().clamp(0, 255)[0].permute(1, 2, 0).numpy()
    found = hitsr.upscale(model, read_rgb(images / "a.png"), self_ensemble=True)
    assert np.abs(found - expected).max() <= 1 and np.mean(found != expected) < 1e-2


@pytest.mark.parametrize(("how", "passes"), [({}, 1), ({"self_ensemble": True}, 8), ({"tile": 32}, 4)])
def test_progress_within_an_image(model, how, passes):
    shares = []
    with told(model, passes, shares.append):
        hitsr.upscale(model, np.zeros((40, 40, 3), np.uint8), **how)
    assert shares == sorted(shares) and len(shares) > 3 * passes and 0.8 < shares[-1] <= 1 and shares[0] < 0.5 / passes
    assert not any(module._forward_hooks for module in model.modules())


def test_published_weights_by_their_name(shared, images, tmp_path, monkeypatch):
    monkeypatch.setenv("HITSR_WEIGHTS", str(shared / "weights"))
    arguments = ["upscale", str(images / "a.png"), "-o", str(tmp_path / "high"), "--weights", "IMDN"]
    done = CliRunner().invoke(app, [*arguments, "--scale", "3"])
    assert done.exit_code == 0, done.output
    assert "IMDN x3" in done.stdout and read_rgb(tmp_path / "high" / "a_x3.png").shape == (36, 51, 3)
    assert "those of x2, x3, x4; choose one with --scale" in str(CliRunner().invoke(app, arguments).exception)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "IMDN_x4.pth").symlink_to(shared / "weights" / "IMDN_x4_official.pth")
    monkeypatch.setenv("HITSR_WEIGHTS", str(tmp_path / "one"))
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0 and "IMDN x4" in done.stdout, "the scale is that of the only weights that are here"
    said = str(CliRunner().invoke(app, [*arguments[:-1], "CARN"]).exception)
    assert "none are under" in said and "`hitsr weights list CARN`" in said
    assert "did you mean 'IMDN'" in str(CliRunner().invoke(app, [*arguments[:-1], "IMND"]).exception)
