"""Times of copied results: put in order where contents say so, left alone where they do not."""

import os

import pytest
from made_runs import Maker

from hitsr.atomic import write_json
from hitsr.results.copied import settle
from hitsr.results.records import read_json

PSNR = [30.0, 31.0]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run whose data are newer than what was made of them."""
    monkeypatch.chdir(tmp_path)
    made = Maker(tmp_path)
    made.scored("HiT-SIR", PSNR)
    layout = made.layout
    where = ("HiT-SIR", 2, 0)
    files = [layout.score(*where, "photographs"), layout.restored(*where, "photographs"), layout.history(*where)]
    files += [layout.images("photographs", 2), layout.images("training", 2)]
    for age, path in zip((400, 300, 200, 100, 50), files, strict=True):
        os.utime(path, (1e9 - age, 1e9 - age))
    return layout, files


def in_order(score, restored, history, test, training) -> bool:
    times = {path: path.stat().st_mtime_ns for path in (score, restored, history, test, training)}
    made_of = {score: (restored, test), restored: (test, history), history: (training,)}
    return all(times[path] >= times[source] for path, sources in made_of.items() for source in sources)


def test_what_was_made_of_what_is_there_is_put_in_order(run):
    layout, files = run
    assert not in_order(*files)
    assert settle(layout) == 3 and in_order(*files)
    assert settle(layout) == 0


@pytest.mark.parametrize("what", ["other data", "damaged"])
def test_what_was_made_of_something_else_is_made_again(run, what):
    layout, files = run
    before = files[2].stat().st_mtime_ns
    if what == "damaged":
        # a record that was edited says nothing that counts
        write_json(files[2], {**read_json(files[2]), "seed": 5})
        os.utime(files[2], ns=(before, before))
    else:
        time = files[4].stat().st_mtime_ns
        Maker(layout.root / "other", pixels=7).data("training", 8)
        files[4].write_bytes((layout.root / "other/results/demo/data/training/x2.json").read_bytes())
        os.utime(files[4], ns=(time, time))
    settle(layout)
    assert files[2].stat().st_mtime_ns == before < files[4].stat().st_mtime_ns
