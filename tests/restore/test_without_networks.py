"""Methods without a network, by the verbs: interpolations are what they say, ready images are taken as they are."""

import json

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from hitsr.cli import app
from hitsr.configuration import read_yaml, resolve
from hitsr.configuration.steps import Steps
from hitsr.data.degradation import interpolate
from hitsr.data.images import read_rgb, write_png
from hitsr.errors import HitsrError
from hitsr.results.layout import Layout
from hitsr.results.settings import Given

RUN = {
    "run": "mine",
    "methods": {
        "Bicubic": {},
        "Lanczos": {"interpolation": "lanczos"},
        "Near": {"interpolation": "nearest"},
        "Published": {"images": "visual/{dataset}/{image}_x{scale}.png"},
    },
    "datasets": {"test": {"folder": "photographs"}},
    "test_sets": ["test"],
    "report": {"tables": ["main"], "figures": []},
}


@pytest.fixture
def folder(tmp_path, monkeypatch, random):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        image = random.integers(0, 256, (24, 30, 3), np.uint8)
        write_png(tmp_path / "photographs" / f"{name}.png", image)
        write_png(tmp_path / "visual" / "test" / f"{name}_x2.png", image // 2)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(RUN))
    called("prepare", "--dataset", "test", "--scale", "2")
    return tmp_path


def called(*arguments):
    """Output of a verb that must succeed."""
    result = CliRunner().invoke(app, [*arguments, "--config", "run.yaml"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def restored(method):
    """Super-resolved images of a method by name."""
    called("restore", "--method", method, "--scale", "2")
    return {name: read_rgb(f"results/mine/restore/{method}/x2/seed0/test/{name}.png") for name in ("a", "b")}


@pytest.mark.parametrize(("method", "kind"), [("Bicubic", "bicubic"), ("Lanczos", "lanczos"), ("Near", "nearest")])
def test_an_interpolation_is_what_it_says(method, kind, folder):
    for name, image in restored(method).items():
        low = read_rgb(folder / "results" / "mine" / "data" / "test" / "LR" / "x2" / f"{name}.png")
        assert np.array_equal(image, interpolate(low, 2, kind))


def test_ready_images_are_taken_and_scored_as_they_are(folder):
    for name, image in restored("Published").items():
        assert np.array_equal(image, read_rgb(folder / "photographs" / f"{name}.png") // 2)
    called("score", "--method", "Published", "--scale", "2")
    record = json.loads((folder / "results/mine/score/Published/x2/seed0/test.json").read_text())
    assert {row["image"] for row in record["rows"]} == {"a", "b"}


def test_the_workflow_takes_ready_images_by_settings_alone(folder):
    wildcards = {"method": "Published", "scale": 2, "seed": 0, "dataset": "test"}
    given = Given(Layout("mine").settings, started=True)
    file = given.path(Steps(resolve(read_yaml("run.yaml"))).make("restore", **wildcards))
    called("restore", "--settings", str(file))
    for name in ("a", "b"):
        image = read_rgb(f"results/mine/restore/Published/x2/seed0/test/{name}.png")
        assert np.array_equal(image, read_rgb(folder / "photographs" / f"{name}.png") // 2)


def test_missing_and_extra_ready_images_are_named(folder):
    write_png(folder / "visual" / "test" / "c_x2.png", np.zeros((24, 30, 3), np.uint8))
    assert "passed over, of no image of the data set: visual/test/c_x2.png" in called(
        "restore", "--method", "Published", "--scale", "2"
    )
    (folder / "visual" / "test" / "b_x2.png").unlink()
    with pytest.raises(HitsrError, match=r"test x2: no super-resolved image for b \(1 of 2\)"):
        called("restore", "--method", "Published", "--scale", "2")


def test_a_changed_ready_image_is_restored_again(folder):
    def digest():
        wildcards = {"method": "Published", "scale": 2, "seed": 0, "dataset": "test"}
        return Steps(resolve(read_yaml("run.yaml"))).make("restore", **wildcards).digest

    before = digest()
    assert digest() == before
    write_png(folder / "visual" / "test" / "a_x2.png", np.zeros((24, 30, 3), np.uint8))
    assert digest() != before
