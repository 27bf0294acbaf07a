"""What figures compute before they draw: Pareto fronts, families of networks, where bars stand and what they say."""

import made_up
import numpy as np
import pandas as pd
import pytest
from made_up import CONFIG, MEASUREMENTS
from matplotlib import pyplot as plt

from hitsr.analysis import comparisons as lineup
from hitsr.analysis import measurements
from hitsr.configuration import resolve
from hitsr.errors import ConfigError, ResultError
from hitsr.report.drawing import bars
from hitsr.report.figures import (
    attribution,
    convergence,
    cost,
    errors,
    performance,
    receptive_field,
    resolutions,
    tradeoff,
)
from hitsr.report.figures.tradeoff import pareto
from hitsr.report.tables import attribution as attribution_table

NAMES = ("Bicubic", "HiT-SIR", "SwinIR-Light", "SRFormer-Light", "HiT-SNG")
RAW = {
    "methods": {**{name: {} for name in NAMES}, "mine": {"extends": "HiT-SIR"}},
    "datasets": {"test": {"folder": "x"}, "train": {"folder": "y"}},
    "training_set": "train",
    "test_sets": ["test"],
}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = made_up.project(tmp_path_factory.mktemp("project"), monkeypatch)
        yield measurements.read(folder / MEASUREMENTS)


def texts(figure) -> str:
    return " | ".join(text.get_text() for text in figure.findobj(match=plt.Text))


def test_resolutions_show_time_against_pixels(table):
    figure = resolutions.draw(table, CONFIG)
    left = figure.axes[0]
    lines = {tuple(line.get_ydata()) for line in left.lines}
    # SwinIR-Light is the second method, HiT-SIR the third; at 320x180 stands the latency that the tables show
    assert lines >= {(36, 144, 50), (72, 288, 100 / 3), (72, 288), (144, 576)}
    assert {tuple(line.get_xdata()) for line in left.lines[:4]} == {(3600, 14400), (3600, 14400, 57600)}
    assert [label.get_text() for label in left.get_xticklabels()] == ["80×45", "160×90", "320×180"]
    proportional = left.lines[-1].get_ydata()
    assert proportional[1] == pytest.approx(16 * proportional[0]) and proportional[0] < 36


def test_convergence_shows_iterations_and_time(table):
    figure = convergence.draw(table, CONFIG)
    by_iteration, by_time = figure.axes[0], figure.axes[2]
    assert [len(axes.lines) for axes in (by_iteration, by_time)] == [2, 2]
    assert list(by_iteration.lines[0].get_xdata()) == [10, 20, 30]
    assert list(by_time.lines[0].get_xdata()) == [20, 40, 60]
    assert by_time.get_xlabel() == "training time (s), ×2"


def test_times_of_several_devices_are_not_set_beside_each_other(table, monkeypatch):
    monkeypatch.setattr(convergence, "device", lambda file: ("GPU A" if "SwinIR-Light" in file else "GPU B", True))
    figure = convergence.draw(table, CONFIG)
    assert "training time" not in texts(figure) and "no times: trained on GPU A, GPU B" in texts(figure)


def test_seeds_are_a_mean_and_a_band(table):
    second = table[table.quantity == "validation_psnr"].assign(seed=1, value=lambda rows: rows.value + 2)
    figure = convergence.draw(pd.concat([table, second]), CONFIG)
    assert list(figure.axes[0].lines[0].get_ydata()) == [31, 41, 51]
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == 30 and band[:, 1].max() == 52


def test_performance_starts_at_the_interpolation(table):
    figure = performance.draw(table, CONFIG)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == pytest.approx([1.504, 1.496, 2.25])
    assert "bars start at Bicubic, 30.00 dB" in texts(figure) and "31.50 (−0.008)" in texts(figure)


def test_a_network_that_was_not_timed_has_no_bar(table):
    figure = cost.draw(table, CONFIG)
    assert texts(figure).count("–") == 1


def test_the_tradeoff_marks_the_front(table):
    figure = tradeoff.draw(table, CONFIG)
    assert [axes.get_xlabel().split(" (")[0] for axes in figure.axes] == ["parameters", "FLOPs", "latency"]
    front = [line for line in figure.axes[2].lines if line.get_drawstyle() == "steps-post"][0]
    # HiT-SIR is faster, SwinIR-Light a little better
    assert list(front.get_xdata())[:3] == pytest.approx([100 / 3, 100 / 3, 50])


def test_error_maps_share_one_scale(table):
    figure = errors.draw(table, CONFIG)
    maps = [image for axes in figure.findobj(match=plt.Axes) for image in axes.images if image.get_array().ndim == 2]
    maps = [image for image in maps if image.get_cmap().name == "inferno" and image.get_array().shape == (12, 16)]
    assert len(maps) == 4 and len({(image.norm.vmin, image.norm.vmax) for image in maps}) == 1


def test_attribution_says_the_diffusion_index_and_the_square(table):
    shown = texts(attribution.draw(table, CONFIG))
    assert shown.count("diffusion index 12.5") == 2 and "a, ×2" in shown
    figure = receptive_field.draw(table, CONFIG)
    assert "HiT-SIR\n95 % in 9 × 9 pixels" in texts(figure)
    image = figure.axes[0].images[0]
    assert np.unravel_index(image.get_array().argmax(), (39, 39)) == (19, 19)


def test_the_table_of_attribution(table):
    grid = attribution_table.make(table, CONFIG)
    rows = {row[0].text: dict(zip(grid.headers, row, strict=True)) for row in grid.rows}
    assert list(rows) == ["SwinIR-Light", "HiT-SIR"]
    assert rows["HiT-SIR"]["Diffusion index"].text == "12.50" and rows["HiT-SIR"]["difference"].text == "+0.00"
    assert rows["HiT-SIR"]["Receptive field"].text == "7.0" and rows["SwinIR-Light"]["difference"].text == "–"
    assert rows["HiT-SIR"]["Diffusion index"].files == ("results/made-up/attribution/HiT-SIR/attribution.json",)


def test_damaged_maps_are_refused(tmp_path, monkeypatch):
    folder = made_up.project(tmp_path, monkeypatch)
    table, maps = measurements.read(folder / MEASUREMENTS), folder / "results/made-up/attribution/HiT-SIR/maps.npz"
    content = bytearray(maps.read_bytes())
    content[len(content) // 2] ^= 1
    maps.write_bytes(content)
    with pytest.raises(ResultError, match="HiT-SIR/maps.npz: missing or changed since it was measured; .* attribute"):
        attribution.draw(table, CONFIG)
    maps.unlink()
    with pytest.raises(ResultError, match="HiT-SIR/maps.npz: missing or changed"):
        receptive_field.draw(table, CONFIG)


def test_pareto_front_against_its_definition(random):
    points = {str(i): (float(cost), float(psnr)) for i, (cost, psnr) in enumerate(random.integers(0, 30, (60, 2)))}

    def beaten(name):
        cost, psnr = points[name]
        return any(c <= cost and p >= psnr and (c, p) != (cost, psnr) for c, p in points.values())

    front = pareto(points)
    assert {points[name] for name in front} == {points[name] for name in points if not beaten(name)}
    assert [points[name] for name in front] == sorted(points[name] for name in front)
    assert pareto({}) == []


def test_families_hold_a_network_and_what_converts_it():
    config = resolve(RAW)
    assert lineup.families(config) == [["SwinIR-Light", "HiT-SIR", "mine"], ["SRFormer-Light"], ["HiT-SNG"]]
    places = bars.positions(lineup.families(config))
    assert list(places) == ["SwinIR-Light", "HiT-SIR", "mine", "SRFormer-Light", "HiT-SNG"]
    assert places["mine"] == 2 and places["SRFormer-Light"] == 3 + bars.GAP


def test_bars_say_the_change_against_the_base_network():
    families = [["SwinIR-Light", "HiT-SIR"], ["HiT-SNG"]]
    assert bars.label_of_change(families, {"SwinIR-Light": 200.0, "HiT-SIR": 99.4, "HiT-SNG": 1.25}) == {
        "SwinIR-Light": "200", "HiT-SIR": "99.4 (−50 %)", "HiT-SNG": "1.25",
    }  # fmt: skip
    assert bars.label_of_change(families, {"HiT-SIR": 99.4}) == {"HiT-SIR": "99.4"}


def test_measurements_are_limited_to_networks_of_the_run():
    for limited, words in (
        ({"attribution": {"methods": ["Bicubic"]}}, r"config.attribution.methods.0: unknown .* 'Bicubic'"),
        (
            {"latency": {"resolutions": {"methods": ["ELAN-Light"]}}},
            r"config.latency.resolutions.methods.0: .* 'ELAN-Light'",
        ),
        ({"attribution": {"patches": [{"dataset": "train", "image": "a"}]}}, r"patches.0.dataset: .*'train'"),
    ):
        with pytest.raises(ConfigError, match=words):
            resolve({**RAW, **limited})
