"""Two runs compared: what belongs together, what differs, what is refused, and the conditions of CI."""

import shutil

import made_runs
import numpy as np
import pytest
from made_runs import SIR, SRF, TRAIN, Maker, finish
from typer.testing import CliRunner

from hitsr.analysis.runs import gate
from hitsr.analysis.runs.comparing import compare
from hitsr.analysis.runs.opening import open_run
from hitsr.cli import app
from hitsr.data.images import read_rgb
from hitsr.errors import ConfigError, ResultError

PSNR = [30.0, 31.0, 32.0, 33.0, 34.0, 35.0]
LOWER = [value - gap for value, gap in zip(PSNR, [0.08, 0.12, 0.1, 0.09, 0.11, 0.1], strict=True)]


@pytest.fixture
def two(tmp_path, monkeypatch):
    """Folders of two runs: Bicubic as before, HiT-SIR 0.1 dB lower and slower, and what only one has."""
    folders = []
    for name, psnr, latency in (("before", PSNR, 10.0), ("after", LOWER, 12.5)):
        run = Maker(tmp_path / name)
        run.scored("Bicubic", [28.0] * 6, train=None)
        run.scored("HiT-SIR", psnr)
        if name == "before":
            run.scored("Gone", PSNR, SRF)
        run.counted("HiT-SIR", 1000 if name == "before" else 900)
        run.timed({"HiT-SIR": latency})
        folders.append(finish(run, monkeypatch))
    monkeypatch.chdir(tmp_path)
    return folders


def compared(*folders):
    return compare(*(open_run(str(folder)) for folder in folders))


def test_differences_are_of_the_same_images_and_ratios_of_the_second_to_the_first(two):
    found = compared(*two)
    assert found.labels == ("demo (before)", "demo (after)")
    bicubic, network = found.scores
    assert bicubic.identical and not network.identical
    assert network.means == pytest.approx((32.5, 32.4)) and network.comparison.difference == pytest.approx(-0.1)
    assert network.comparison.low < -0.1 < network.comparison.high < 0
    costs = {cost.quantity: cost for cost in found.costs}
    assert costs["parameters"].ratio == 0.9 and costs["latency"].ratio == 1.25
    low, high = costs["latency"].interval
    assert 1.1 < low <= 1.25 <= high < 1.4 and costs["parameters"].interval is None
    assert found.refused == ["Gone x2: in demo (before) only"]


def test_methods_are_matched_by_what_they_are(tmp_path, monkeypatch):
    """A renamed method is found; a changed one says in what; another network of the same name is refused."""
    first, second = Maker(tmp_path / "a", "first"), Maker(tmp_path / "b", "second")
    first.scored("old-name", PSNR, {**SIR, "options": {"dim": 32}})
    second.scored("new-name", LOWER, {**SIR, "options": {"dim": 32}})
    first.scored("tuned", PSNR)
    second.scored("tuned", LOWER, train={**TRAIN, "learning_rate": 0.0005})
    first.scored("mine", PSNR, {**SRF, "options": {"dim": 8}})
    second.scored("mine", LOWER, {**SIR, "options": {"dim": 8}})
    folders = finish(first, monkeypatch), finish(second, monkeypatch)
    found = compared(*folders)
    assert {pair.name: pair.how for pair in found.pairs} == {
        "old-name → new-name": "the same", "tuned": "learning_rate: 0.001 -> 0.0005",
    }  # fmt: skip
    (refused,) = found.refused
    assert "mine x2: is another network in second (name: 'HiT-SRF' -> 'HiT-SIR'" in refused
    assert "--pair mine=mine" in refused
    forced = compare(*(open_run(str(folder)) for folder in folders), ["mine=mine"])
    assert "mine" in {score.pair.name for score in forced.scores}
    with pytest.raises(ConfigError, match="--pair mine=yours: second has no method 'yours'"):
        compare(*(open_run(str(folder)) for folder in folders), ["mine=yours"])


def test_other_pixels_under_one_name_are_refused(tmp_path, monkeypatch):
    """A test set is what its images are: of other pixels it is named and not compared, whatever it is called."""
    makers = [Maker(tmp_path / "a", pixels=3), Maker(tmp_path / "b", pixels=4)]
    for maker in makers:
        maker.scored("HiT-SIR", PSNR)
        maker.counted("HiT-SIR", 1000)
    found = compared(*(finish(maker, monkeypatch) for maker in makers))
    assert found.scores == [] and len(found.costs) == 2
    (refused,) = found.refused
    assert refused == "test set photographs x2: other high-resolution images (a; 6 and 6 images)"


def test_the_same_pixels_are_the_same_test_set_by_another_name_and_compression(tmp_path, monkeypatch):
    makers = [Maker(tmp_path / "a", pixels=3), Maker(tmp_path / "b", pixels=3)]
    makers[0].scored("HiT-SIR", PSNR, dataset="Set")
    makers[1].scored("HiT-SIR", LOWER, dataset="set-of-mine")
    folders = [finish(maker, monkeypatch) for maker in makers]
    # the same images in files of other bytes
    other = Maker(tmp_path / "c", pixels=3)
    other.data("again", 3)
    for path in sorted((other.layout.dataset("again") / "HR").glob("*.png")):
        from PIL import Image

        Image.fromarray(read_rgb(path)).save(path, compress_level=0)
    from hitsr.data.prepare import prepare

    prepare({"folder": str(tmp_path / "c/photographs/demo/again")}, "again", 2, other.layout.dataset("again"))
    other.scored("HiT-SIR", LOWER, dataset="again")
    folders.append(finish(other, monkeypatch))
    for folder in folders[1:]:
        found = compared(folders[0], folder)
        assert [score.dataset for score in found.scores] == ["Set"] and found.refused == []


@pytest.mark.parametrize("what", ["protocol", "input"])
def test_other_conditions_are_refused_by_name(tmp_path, monkeypatch, what):
    makers = [Maker(tmp_path / "a"), Maker(tmp_path / "b")]
    for maker, protocol, size in zip(makers, ("paper", "rgb"), ("80x45", "160x90"), strict=True):
        maker.scored("HiT-SIR", PSNR, protocol=protocol if what == "protocol" else "paper")
        maker.timed({"HiT-SIR": 10.0}, size if what == "input" else "80x45")
    found = compared(*(finish(maker, monkeypatch) for maker in makers))
    if what == "protocol":
        assert found.refused == ["metric psnr: computed by other protocols (paper and rgb)"] and not found.scores
    else:
        assert len(found.refused) == 1 and "latency of HiT-SIR x2: under other conditions (80×45" in found.refused[0]


def test_what_else_differs(two, tmp_path, monkeypatch):
    """Configuration, code, versions, hardware; a latency on other hardware has a remark and decides no condition."""
    run = Maker(
        tmp_path / "elsewhere",
        hardware={**made_runs.HARDWARE, "cpu": "Another Processor"},
        versions={"python": "3.12.1"}, packages="torch==2.13.0",
        sources={"hitsr/networks/hit_sir.py": "dddd"}, commit="fedcba9876543210",
    )  # fmt: skip
    run.scored("HiT-SIR", PSNR)
    run.timed({"HiT-SIR": 5.0})
    run.config["scales"] = [2]
    found = compared(two[0], finish(run, monkeypatch))
    differing = {(each.kind, each.what): (each.first, each.second) for each in found.differences}
    assert differing["versions", "torch"] == ("2.11.0", "2.13.0")
    assert differing["code", "hitsr/networks/hit_sir.py"] == ("cccc", "dddd")
    assert differing["code", "commit"] == ("0123456789", "fedcba9876")
    assert differing["hardware", "device"] == ("A Processor", "Another Processor")
    assert differing["configuration", "scales"] == ("–", "[2]")
    (latency,) = (cost for cost in found.costs if cost.quantity == "latency")
    assert latency.doubt == "other device: A Processor and Another Processor"
    with pytest.raises(ResultError, match="latency was compared for no method .*other device"):
        gate.failures([gate.parse("latency > 1x")], found.scores, found.costs)


@pytest.mark.parametrize(
    ("conditions", "failing"),
    [
        ([], 0),
        (["psnr < -0.2", "latency > 1.3x", "parameters > 1x", "psnr.high<-0.099"], 0),
        (["psnr < -0.02"], 1),
        (["psnr.high < 0"], 1),
        (["psnr <= 0"], 2),
        (["psnr < -0.2", "latency >= 1.25x"], 1),
        (["latency.low > 1.1x"], 1),
        (["latency.low > 1.3x"], 0),
    ],
)
def test_conditions_of_ci(two, conditions, failing):
    found = compared(*two)
    said = gate.failures([gate.parse(text) for text in conditions], found.scores, found.costs)
    assert len(said) == failing
    assert not said or said[-1].startswith(f"{conditions[-1]}: HiT-SIR x2")


def test_exit_status_and_what_is_written(two):
    """3 if a condition holds, with everything written; 1 if what was asked about was not compared."""
    given = ["compare", *map(str, two), "--fail-if"]
    done = CliRunner().invoke(app, [*given, "psnr < -0.02"])
    assert done.exit_code == 3 and "psnr < -0.02: HiT-SIR x2 on photographs: -0.1" in done.output
    folder = made_runs.Path("reports/compare/demo-before--demo-after")
    made = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    names = ("quality", "cost", "conditions")
    tables = {f"tables/{name}.{suffix}" for name in names for suffix in ("md", "csv", "tex")}
    figures = {f"figures/difference.{suffix}" for suffix in ("svg", "pdf", "png")}
    assert made == tables | figures | {"report.html"}
    assert "HiT-SIR,2,photographs,PSNR (dB),32.5,32.4" in (folder / "tables/quality.csv").read_text()
    page = (folder / "report.html").read_text()
    assert "PSNR: 1 identical, 1 worse." in page and "Gone x2: in demo (before) only" in page
    for condition in ("ssim < 0", "memory > 1x"):
        with pytest.raises(ResultError, match="was compared for no method"):
            CliRunner().invoke(app, [*given, condition], catch_exceptions=False)


@pytest.mark.parametrize(
    "text", ["psnr", "psnr < x", "psnr < -0.02x", "latency > 1.1", "parameters.low > 1x", "psnr.mid < 0"]
)
def test_a_condition_that_is_none_shows_the_form(text):
    with pytest.raises(ConfigError, match="expected|compared by|only metrics"):
        gate.parse(text)


def test_what_is_no_run_is_said(two, tmp_path):
    for given, message in (
        ("nothing", "no run that was measured"),
        (str(tmp_path), "no run that was measured"),
    ):
        with pytest.raises(ResultError, match=message):
            open_run(given)
    shutil.copytree(two[1], two[0].parent / "second")
    with pytest.raises(ResultError, match="several runs; name one of"):
        open_run(str(two[0].parent.parent))
    with pytest.raises(ResultError, match="is the same run"):
        compared(two[0], two[0])
    assert open_run("after").layout.results == made_runs.Path("after/results/demo")


def test_a_copy_that_lacks_what_says_how_it_was_made_is_refused(two):
    (two[1] / "train/HiT-SIR/x2/seed0/history.json").unlink()
    with pytest.raises(ResultError, match="history.json: is missing"):
        compared(*two)
    shutil.copy(two[0] / "score/HiT-SIR/x2/seed0/photographs.json", two[1] / "score/HiT-SIR/x2/seed0/photographs.json")
    with pytest.raises(ResultError, match="changed since it was collected"):
        compared(*two)


def test_seeds_are_averaged_and_counted(tmp_path, monkeypatch):
    makers = [Maker(tmp_path / "a"), Maker(tmp_path / "b")]
    for maker, shift in zip(makers, (0, 0.5), strict=True):
        for seed in range(3):
            maker.scored("HiT-SIR", [value + shift + 0.01 * seed for value in PSNR], seed=seed)
    (score,) = compared(*(finish(maker, monkeypatch) for maker in makers)).scores
    assert score.comparison.seeds == 3 and score.comparison.difference == pytest.approx(0.5)
    assert np.isclose(score.means[0], 32.51)
