"""`hitsr upscale`: any images with trained weights."""

import numpy as np
import pytest
from typer.testing import CliRunner

import hitsr
from hitsr.cli import app
from hitsr.data.images import read_rgb, write_png
from hitsr.errors import HitsrError

OPTIONS = {"dim": 16, "depths": (1,), "heads": 2, "window_ratios": (1,)}


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights.safetensors"
    hitsr.save(hitsr.build("HiT-SIR", 2, **OPTIONS), path, {})
    return path


@pytest.fixture
def images(tmp_path, random):
    for name, size in (("a", (12, 17)), ("b", (30, 9))):
        write_png(tmp_path / "low" / f"{name}.png", random.integers(0, 256, (*size, 3), dtype=np.uint8))
    return tmp_path / "low"


def call(*arguments):
    return CliRunner().invoke(app, ["upscale", *map(str, arguments)])


def test_a_folder_of_images(weights, images, tmp_path):
    done = call(images, "--weights", weights, "--folder", tmp_path / "high", "--max-memory", "1GiB")
    assert done.exit_code == 0, done.output
    model = hitsr.load(weights)
    for name in "ab":
        expected = hitsr.upscale(model, read_rgb(images / f"{name}.png"))
        assert np.array_equal(read_rgb(tmp_path / "high" / f"{name}_x2.png"), expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--max-memory", "1MiB"], "at least"),
        (["--max-memory", "lots"], "2GiB"),
        (["--tile", "4"], "tile"),
        (["--precision", "half"], "bfloat16"),
        (["--scale", "2"], "--network"),
    ],
)
def test_what_does_not_fit_is_explained(weights, images, tmp_path, arguments, message):
    done = call(images, "--weights", weights, "--folder", tmp_path / "high", *arguments)
    assert isinstance(done.exception, HitsrError)
    assert message in str(done.exception)
    assert not list(tmp_path.glob("high/*"))


def test_two_images_of_one_name(weights, images, tmp_path):
    write_png(tmp_path / "other" / "a.png", np.zeros((8, 8, 3), np.uint8))
    done = call(images, tmp_path / "other", "--weights", weights, "--folder", tmp_path / "high")
    assert "overwrite" in str(done.exception)
