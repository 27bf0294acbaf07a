"""Crops: given ones, the rule against a search by hand, what is recorded, and the panels that figures and page show."""

import io
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from hitsr.analysis import crops
from hitsr.analysis.crops import Crop, widest_spread
from hitsr.configuration import resolve
from hitsr.data.images import write_png
from hitsr.data.prepare import prepare
from hitsr.errors import ConfigError, ResultError
from hitsr.measure.metrics import declared_metrics
from hitsr.measure.quality import luma
from hitsr.report.panels import best_of, panels
from hitsr.restore.run import run as restore
from hitsr.results.layout import Layout
from hitsr.results.records import COLUMNS

DIGESTS = {"config_digest": "c", "source_digest": "s"}
METHODS = ("Bicubic", "SwinIR-Light", "HiT-SIR")
IMAGES = {"a": (60, 80), "b": (60, 80), "c": (25, 40)}


def configuration(**report) -> dict:
    return resolve(
        {
            "run": "made-up",
            "methods": {name: {} for name in METHODS},
            "datasets": {"set_1": {"folder": "x"}, "training": {"folder": "y"}},
            "training_set": "training",
            "test_sets": ["set_1"],
            "report": report,
        }
    )


@pytest.fixture
def table(tmp_path, monkeypatch, random) -> pd.DataFrame:
    """Three images; the networks differ in two squares of b and, less, in one of a. Bicubic differs everywhere."""
    monkeypatch.chdir(tmp_path)
    layout = Layout("made-up")
    rows, made = [], {}
    for name, shape in IMAGES.items():
        whole = random.integers(60, 120, (*shape, 3), dtype=np.uint8)
        write_png(Path("x") / f"{name}.png", whole)
        for number, method in enumerate(METHODS):
            image = random.integers(0, 256, whole.shape, dtype=np.uint8) if method == "Bicubic" else whole.copy()
            if method == "HiT-SIR":
                image[10:20, 30:42] += {"a": 40, "b": 60, "c": 0}[name]
                image[40:50, 5:17] += {"a": 0, "b": 50, "c": 0}[name]
            made.setdefault(method, []).append(image)
            where = {"method": method, "scale": 2, "seed": 3, "dataset": "set_1", "image": name, "protocol": "paper"}
            rows.append({**where, "quantity": "psnr", "value": 30.0 + number})
    prepare({"folder": "x"}, "set_1", 2, layout.dataset("set_1"))
    for method, images in made.items():
        who = {"method": method, "scale": 2, "seed": 3}
        next_image = iter(images)
        of_set = {**who, "dataset": "set_1"}
        restore(lambda *_, of=next_image: next(of), of_set, layout.data, layout.restore(**who), DIGESTS)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_a_damaged_image_is_not_shown(table):
    for path, shown in (
        (layout_of("data/set_1/HR/a.png"), lambda: crops.original("set_1", "a", configuration())),
        (
            layout_of("restore/HiT-SIR/x2/seed3/set_1/a.png"),
            lambda: crops.restored("HiT-SIR", "set_1", "a", table, configuration()),
        ),
    ):
        shown()
        write_png(path, np.zeros((60, 80, 3), np.uint8))
        with pytest.raises(
            ResultError, match=r"a\.png: is not the image that was recorded.*; delete .*\.json and run again"
        ):
            shown()


def layout_of(path: str) -> Path:
    return Layout("made-up").results / path


def test_the_rule_finds_where_networks_differ_most(table):
    given = [{"dataset": "set_1", "image": "b", "width": 12, "height": 10}]
    found = crops.choose(table, configuration(crops=given))
    assert [(c.dataset, c.image, c.x, c.y, c.width, c.height) for c in found] == [("set_1", "b", 30, 10, 12, 10)]
    # two networks 60 grey levels apart: half of it, as Y, is the standard deviation
    levels = 60 * (65.481 + 128.553 + 24.966) / 255
    assert found[0].spread == pytest.approx(levels / 2, rel=1e-6)


def test_images_are_chosen_by_the_same_rule_and_shown_in_order(table):
    found = crops.choose(table, configuration(crop_count=2))
    assert [crop.image for crop in found] == ["a", "b"]
    assert all(crop.chosen and (crop.width, crop.height) == (76, 56) for crop in found)
    assert [crop.image for crop in crops.choose(table, configuration(crop_count=1))] == ["b"]


def test_widest_window_against_a_search_by_hand(random):
    outputs = random.uniform(0, 255, (4, 23, 31))
    x, y, width, height, spread = widest_spread(outputs, 7, 5, border=2)
    variance = outputs.var(axis=0)
    by_hand = {
        (i, j): variance[j : j + 5, i : i + 7].mean()
        for i in range(2, 31 - 2 - 7 + 1)
        for j in range(2, 23 - 2 - 5 + 1)
    }
    assert (width, height) == (7, 5)
    assert (x, y) == max(by_hand, key=by_hand.get)
    assert spread == pytest.approx(by_hand[x, y] ** 0.5)


def test_of_equal_windows_the_first_is_taken():
    assert widest_spread(np.zeros((3, 20, 20)), 4, 4, border=2)[:2] == (2, 2)


def test_panels(table):
    config = configuration()
    shown = panels(Crop("set_1", "b", 28, 8, 16, 14), table, config)
    assert [(panel.label, panel.scores, panel.best) for panel in shown] == [
        ("HR", (), False), ("Bicubic", ("30.00 dB",), False), ("SwinIR-Light", ("31.00 dB",), False),
        ("HiT-SIR", ("32.00 dB",), True),
    ]  # fmt: skip
    high, hit = shown[0], shown[3]
    assert np.array_equal(np.array(Image.open(io.BytesIO(hit.png))), hit.image)
    assert np.array_equal(hit.error, np.abs(luma(hit.image) - luma(high.image)))
    assert hit.error.max() > 50 and shown[2].error.max() == 0


def test_the_best_of_numbers_is_marked():
    """Numbers are compared, not texts: 8.68 is less than 31.48, and 100; equal digits share the mark."""
    psnr, lower = declared_metrics()["psnr"].declaration, declared_metrics()["lpips"].declaration
    assert best_of({"a": 8.68, "b": 31.48}, psnr) == {"b"}
    assert best_of({"a": 100.0, "b": 31.48, "c": 99.99}, psnr) == {"a"}
    assert best_of({"a": 31.481, "b": 31.479, "c": 31.47}, psnr) == {"a", "b"}
    assert best_of({"a": math.inf, "b": 99.0}, psnr) == {"a"}
    assert best_of({"a": 0.2, "b": 0.1}, lower) == {"b"}


def test_the_choice_is_recorded_and_read_back(table):
    config = configuration(crop_count=2)
    with pytest.raises(ResultError, match=r"crops.json: no such file; make it first"):
        crops.read(config)
    crops.write(table, config, crops.path_of(config))
    assert crops.read(config) == crops.choose(table, config)
    record = json.loads(crops.path_of(config).read_text())
    assert record["rule"].startswith("largest standard deviation") and record["crops"][0]["scores"]["HiT-SIR"] == {
        "psnr": 32.0
    }
    path = crops.path_of(config)
    path.write_text(path.read_text().replace('"x": ', '"x": 1', 1))
    with pytest.raises(ResultError, match=r"crops.json: was changed or damaged .* run the same command again"):
        crops.read(config)


def test_mistakes(table):
    beyond = {"dataset": "set_1", "image": "a", "x": 70, "y": 4, "width": 16, "height": 12}
    with pytest.raises(ConfigError, match=r"crops.0: reaches beyond the image of 80x60"):
        crops.choose(table, configuration(crops=[beyond]))
    with pytest.raises(ConfigError, match=r"crops.0.image: set_1 has no image 'z'; there are a, b, c"):
        crops.choose(table, configuration(crops=[{"dataset": "set_1", "image": "z"}]))
    with pytest.raises(ConfigError, match=r"config.report.crops.0"):
        configuration(crops=[{"dataset": "set_1", "image": "a", "x": 4}])
