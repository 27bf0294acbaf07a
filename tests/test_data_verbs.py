"""The verbs about data sets, as a user meets them."""

import json

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from hitsr.cli import app
from hitsr.data.images import write_png
from hitsr.errors import ConfigError, DownloadError, ImageError


@pytest.fixture
def config(tmp_path, random):
    """A run that trains on a photograph of Set5, which lies in a customary layout."""
    for name in "abcde":
        coarse = random.integers(0, 256, (9, 12, 3), dtype=np.uint8)
        image = coarse.repeat(8, 0).repeat(8, 1)
        write_png(tmp_path / "root/benchmark/Set5/HR" / f"{name}.png", image)
        if name in "ab":
            write_png(
                tmp_path / "mine" / f"{'copy' if name == 'a' else 'b1'}.png", image if name == "a" else 255 - image
            )
    run = {
        "methods": {"Bicubic": {}},
        "data_root": str(tmp_path / "root"),
        "datasets": {
            "Set5": {"public": "Set5"},
            "mine": {"folder": str(tmp_path / "mine")},
            "comics": {"public": "Manga109"},
        },
        "training_set": "mine",
        "test_sets": ["Set5"],
    }
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(run))
    return path


def call(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_datasets_are_listed_with_where_they_are(config):
    listed = call("datasets", "-c", config)
    assert f"found: {config.parent}/root/benchmark/Set5/HR" in listed
    assert "https://cv.snu.ac.kr/research/EDSR/benchmark.tar (0.25 GB) to benchmark/Set14" in listed
    assert "by hand: Its authors give it only to those who agree" in listed
    (config.parent / "root/benchmark/Set5/HR/a.png").unlink()
    assert "not usable: Set5 has 5 images" in call("datasets", "-c", config)


def test_download_says_where_images_lie(config, tmp_path):
    output = tmp_path / "source.json"
    said = call("download", "-c", config, "--dataset", "Set5", "-o", output)
    assert said == f"Set5: 5 images in {config.parent}/root/benchmark/Set5/HR\n"
    record = json.loads(output.read_text())
    assert (record["images"], record["homes"]) == (5, []) and record["provenance"]["config_digest"]


def test_download_refuses(config):
    with pytest.raises(DownloadError, match="Manga109 is not under .*apply at http://www.manga109.org"):
        call("download", "-c", config)
    with pytest.raises(ConfigError, match="config.datasets.mine: is not a public data set"):
        call("download", "-c", config, "--dataset", "mine")
    with pytest.raises(ConfigError, match="--output: give the one data set"):
        call("download", "-c", config, "-o", "x.json")
    with pytest.raises(ConfigError, match="unknown data set 'Set6'"):
        call("download", "-c", config, "--dataset", "Set6")
    with pytest.raises(ImageError, match="comics|Manga109: not under .*`hitsr download`"):
        call("prepare", "-c", config, "--dataset", "comics", "--scale", 2, "--folder", config.parent / "out")


def test_leaks_are_told_of_loudly(config):
    data = config.parent / "data"
    for name in ("Set5", "mine"):
        call("prepare", "-c", config, "--dataset", name, "--scale", 2, "--folder", data / name)
    said = call("leaks", "-c", config, "--data", data, "-o", data / "leaks.json")
    assert "LEAK: copy of mine (training) is the photograph a of Set5 (test); correlation 1.000" in said
    assert 'leave it out with `exclude: ["copy"]` under datasets.mine' in said
    assert "b1" not in said, "a negative is another image"
