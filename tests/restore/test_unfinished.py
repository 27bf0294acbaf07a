"""A run that was killed between two images goes on there, with images of its own alone."""

import numpy as np
import pytest

from hitsr.data.images import write_png
from hitsr.data.prepare import prepare
from hitsr.restore.run import interpolation, run
from hitsr.results.records import read_record

IDENTITY = {"method": "Bicubic", "scale": 2, "seed": 0, "dataset": "test"}
ORIGIN = {"config_digest": "0" * 12, "source_digest": "1" * 12, "made_of": {"data": "a"}}


@pytest.fixture
def killed(tmp_path, random):
    """Two of three images are done; gives what runs it again, with the names that were super-resolved then."""
    for name in "abc":
        write_png(tmp_path / "photographs" / f"{name}.png", random.integers(0, 256, (24, 30, 3), np.uint8))
    prepare({"folder": str(tmp_path / "photographs")}, "test", 2, tmp_path / "data" / "test")
    made: list[str] = []

    def start(origin, until=""):
        made.clear()

        def upscaler(name, low):
            if name == until:
                raise KeyboardInterrupt
            made.append(name)
            return interpolation("bicubic", 2)(name, low)

        run(upscaler, IDENTITY, tmp_path / "data", tmp_path / "out", origin)
        return made, read_record(tmp_path / "out" / "test.json")

    with pytest.raises(KeyboardInterrupt):
        start(ORIGIN, until="c")
    return start


def test_what_is_done_is_taken(killed, tmp_path):
    made, record = killed(ORIGIN)
    assert made == ["c"] and record["made_before"] == 2
    assert [entry["image"] for entry in record["images"]] == ["a", "b", "c"]
    whole = [{**entry} for entry in record["images"]]
    made, record = killed(ORIGIN)
    assert made == ["a", "b", "c"] and record["images"] == whole, "a finished data set is made anew when asked for"
    assert sorted(path.name for path in (tmp_path / "out" / "test").iterdir()) == ["a.png", "b.png", "c.png"]


@pytest.mark.parametrize("key", ORIGIN)
def test_of_other_settings_code_or_weights_nothing_is(killed, key):
    made, record = killed({**ORIGIN, key: "other"})
    assert made == ["a", "b", "c"] and record["made_before"] == 0


def test_an_image_that_changed_is_made_again(killed, tmp_path):
    write_png(tmp_path / "out" / "test" / "a.png", np.zeros((24, 30, 3), np.uint8))
    assert killed(ORIGIN)[0] == ["a", "c"]


def test_a_damaged_list_is_none(killed, tmp_path):
    (tmp_path / "out" / "test" / ".unfinished.json").write_text("{")
    assert killed(ORIGIN)[0] == ["a", "b", "c"]
