"""Text in figures: any name is drawn as what it is, or as its code points; nothing in it is mathematics."""

import logging
import warnings

import made_up
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.text import Text

from hitsr.analysis import crops, measurements
from hitsr.configuration import resolve
from hitsr.data.images import write_png
from hitsr.data.prepare import prepare
from hitsr.data.prepared import open_prepared
from hitsr.report import figures
from hitsr.report.drawing import style, text
from hitsr.report.drawing.text import drawable, letters
from hitsr.restore.run import run as restore
from hitsr.results.layout import Layout

CHINESE = "图像"
NAMES = (
    CHINESE,
    "e\u0301te\u0301",
    "$x$",
    "cost_$5_$6",
    "a" * 240,
    CHINESE * 40,
    "مرحبا",
    "😀 smile",
    "a&b<c>",
    "\\alpha_1^2",
)


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_has_a_shape_and_lines_are_short(name):
    shown = drawable(f"{name}\nset_1, ×2")
    assert all(ord(letter) in letters() or letter == "\n" for letter in shown), shown
    assert max(map(len, shown.split("\n"))) <= text.LONGEST + 10


def test_what_is_drawn():
    assert drawable("e\u0301t\u00e9 5×") == "été 5×"
    if ord(CHINESE[0]) not in letters():
        assert drawable(CHINESE) == "\\u56fe\\u50cf"
    long = "".join(f"{i:03d}" for i in range(100))
    assert drawable(long, 13) == "000001…098099"[:6] + "…" + long[-6:]
    assert drawable("a" * 48) == "a" * 48


def test_a_font_that_has_the_letter_is_used(monkeypatch):
    """A letter of another installed font than the first is drawn with that one."""
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    def points(family):
        return set(FT2Font(font_manager.findfont(font_manager.FontProperties(family=[family]))).get_charmap())

    only = next(point for point in sorted(points("STIXGeneral") - points("DejaVu Sans")) if chr(point).isprintable())
    monkeypatch.setattr(text, "FAMILIES", ("DejaVu Sans", "STIXGeneral"))
    for cached in (text.families, text.letters):
        cached.cache_clear()
    try:
        assert text.families() == ("DejaVu Sans", "STIXGeneral") and drawable(chr(only)) == chr(only)
        with warnings.catch_warnings(), plt.rc_context({"font.family": list(text.families())}):
            warnings.simplefilter("error")
            figure = plt.figure(figsize=(1, 1))
            figure.text(0, 0, chr(only))
            figure.canvas.draw()
            plt.close(figure)
    finally:
        for cached in (text.families, text.letters):
            cached.cache_clear()


def test_figures_with_any_name(tmp_path, monkeypatch, caplog):
    """Images and labels with such names, in figures that show them: no warning, no empty box, no mathematics."""
    names = [CHINESE, "$x$ ^_{", "n" * 120, "e\u0301"]
    monkeypatch.chdir(tmp_path)
    raw = {**made_up.RAW, "report": {"tables": [], "figures": ["crops"], "crop_count": len(names)}}
    variants = {f"v{i}": {"label": name, "options": {"window_ratios": [1] * 6}} for i, name in enumerate(names)}
    config = resolve({**raw, "ablations": {"mine": {"base": "HiT-SIR", "title": "Any", "variants": variants}}})
    image = np.random.default_rng(0).integers(0, 256, (40, 48, 3), dtype=np.uint8)
    for name in names:
        write_png(tmp_path / "x" / f"{name}.png", image)
    layout, rows = Layout("made-up"), []
    prepare(config["datasets"]["set_1"], "set_1", 2, layout.dataset("set_1"))
    for number, method in enumerate(("SwinIR-Light", "HiT-SIR")):
        who = {"method": method, "scale": 2, "seed": 0}
        place = {**who, "dataset": "set_1"}
        made = np.roll(image, number, axis=1)
        restore(lambda *_, made=made: made, place, layout.data, layout.restore(**who), made_up.DIGESTS)
        score = {**place, "kind": "quality", "quantity": "psnr", "value": 30.0 + number, "file": "f"}
        rows += [{**score, "image": kept} for kept in open_prepared(layout.dataset("set_1"), 2).names]
    table = pd.DataFrame(rows, columns=list(measurements.COLUMNS))
    crops.write(table, config, crops.path_of(config))
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        for figure in ("crops", "ablation-mine"):
            drawn = figures.draw(figure, table, config)
            text.prepare(drawn)
            drawn.canvas.draw()
            shown = "\n".join(found.get_text() for found in drawn.findobj(Text))
            for name in names:
                assert drawable(name, 12)[:3] in shown, (figure, name)
            assert all(ord(letter) in letters() or letter == "\n" for letter in shown)
    assert not caplog.records
    plt.close("all")


def test_a_log_axis_has_powers():
    assert [style.powers(value) for value in (0.001, 1, 10, 20, 1e12)] == ["10⁻³", "10⁰", "10¹", "", "10¹²"]
    assert all(ord(letter) in letters() for letter in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
