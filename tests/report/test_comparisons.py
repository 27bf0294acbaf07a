"""Paired differences, spread over trainings, ablations, and printed figures beside measured ones."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from hitsr.analysis import conditions, measurements
from hitsr.analysis.differences import Pair, differences
from hitsr.analysis.identity import fingerprints
from hitsr.analysis.scores import Scores
from hitsr.analysis.statistics import compare
from hitsr.configuration import resolve
from hitsr.report import figures, tables
from hitsr.report.differences import EQUIVALENT, NOT_SEPARATED, mark_of
from hitsr.results.records import collect, write_record

CONFIG = {
    "run": "made-up",
    "seeds": [0, 1, 2],
    "methods": {
        "SwinIR-Light": {"recipe": "SwinIR-Light"},
        "HiT-SIR": {},
        "HiT-SRF": {"options": {"dim": 32, "heads": 2}},
        "HiT-SNG": {"train": {"iterations": 1000}},
    },
    "ablations": {"windows": {"variants": {"fixed8": {}, "shrinking": {}}}},
    "datasets": {"DIV2K": {"folder": "x"}, "Set5": {"folder": "y"}},
    "training_set": "DIV2K",
    "test_sets": ["Set5"],
    "latency": {"input": [640, 360], "implementations": ["reference", "optimized"]},
}
GAIN = {
    "HiT-SIR": 0.08,
    "HiT-SRF": 0.5,
    "HiT-SNG": 0.3,
    "HiT-SIR+windows=fixed8": -0.2,
    "HiT-SIR+windows=shrinking": 0.1,
}


def where_of(images: int) -> list[str]:
    return [f"i{i}" for i in range(images)]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Make a run of `images` images per set; returns its long table, configuration and scores by method."""
    monkeypatch.chdir(tmp_path)

    def make(images: int, **changes):
        config = resolve({**CONFIG, **changes})
        random = np.random.default_rng(0)
        base, scores, files = random.normal(38.14, 2, images), {}, []
        base += 38.14 - base.mean()

        def record(path, rows, **identity):
            file = Path("results") / path
            file.parent.mkdir(parents=True, exist_ok=True)
            origin = {
                "command": "hitsr", "commit": "0123456789", "dirty": False, "device": "cpu", "started": "2026-01-01",
                "hardware": {"cpu": "A Processor", "gpu": None}, "duration_s": 1.0, "threads": 1,
            }  # fmt: skip
            write_record(file, {"scale": 2, "seed": None, **identity, "rows": rows, "provenance": origin})
            files.append(file)

        for method in {**config["methods"], **config["variants"]}:
            noise = random.normal(0, 0.01, (len(config["seeds"]), 1)) + random.normal(0, 0.02, images)
            scores[method] = base + GAIN.get(method, 0) + noise
            for seed, values in zip(config["seeds"], scores[method], strict=True):
                where = {"dataset": "Set5", "protocol": "paper"}
                rows = [
                    {**where, "image": f"i{i}", "quantity": quantity, "value": value}
                    for i, psnr in enumerate(values)
                    for quantity, value in (("psnr", psnr), ("ssim", psnr / 100))
                ]
                # the first pixels of Set5, as far as there are images
                prints = dict(zip(where_of(images), fingerprints()["Set5"][2].values(), strict=False))
                extra = {"kind": "quality", "method": method, "seed": seed, "fingerprints": prints}
                record(f"quality/{method}/{seed}.json", rows, **extra)
                told = {"kind": "training", "method": method, "seed": seed}
                told["trained_on"] = {"name": "DIV2K", **conditions.DIV2K}
                record(f"train/{method}/{seed}.json", [{"quantity": "loss", "value": 0.1, "iteration": 1}], **told)
            counts = {"parameters": 5e5, "macs_fvcore": 1e11, "parameters_published_size": 846_944}
            rows = [{"quantity": quantity, "value": value} for quantity, value in counts.items()]
            record(f"complexity/{method}.json", rows, kind="complexity", method=method, left_out={})
        times = [
            {
                "method": method,
                "input": "640x360",
                "implementation": "optimized",
                "backend": "eager",
                "quantity": f"latency_{q}",
                "value": 10.0,
            }
            for method in scores
            for q in ("median", "p10", "p90")
        ]
        record("latency/x2.json", times, kind="latency", method=None)
        collect("made-up", files, Path("measurements.csv"))
        return measurements.read(Path("measurements.csv")), config, scores

    return make


def rows_of(grid) -> dict:
    return {row[0].text: dict(zip(grid.headers, row, strict=True)) for row in grid.rows}


def test_differences_are_scipys(run):
    table, config, scores = run(40)
    shown = rows_of(tables.make("statistics", table, config))
    assert list(shown) == ["HiT-SIR"], "only HiT-SIR's base is in this run"
    gains = scores["HiT-SIR"].mean(0) - scores["SwinIR-Light"].mean(0)
    row = shown["HiT-SIR"]
    assert row["against"].text == "SwinIR-Light" and row["Images"].text == "40" and row["Trainings"].text == "3"
    assert row["PSNR difference"].value == pytest.approx(gains.mean())
    # chance over trainings and over images, each with its own variance and degrees of freedom
    parts = [(scores[m].mean(1).var(ddof=1) / 3, 2) for m in ("HiT-SIR", "SwinIR-Light")] + [
        (gains.var(ddof=1) / 40, 39)
    ]
    error = sum(variance for variance, _ in parts) ** 0.5
    freedom = error**4 / sum(variance**2 / own for variance, own in parts)
    p = 2 * stats.t.sf(abs(gains.mean()) / error, freedom)
    # this one and the two variants of the ablation
    assert p <= row["PSNR p"].value <= 3 * p
    low, high = map(float, row["PSNR 95% interval"].text.strip("[]").split(", "))
    assert (low, high) == pytest.approx(stats.t.interval(0.95, freedom, gains.mean(), error), abs=6e-4)
    assert any(
        "for all comparisons of a score that this run makes, 3" in note
        for note in tables.make("statistics", table, config).notes
    )
    ablated = rows_of(tables.make("ablation-windows", table, config))["fixed 8"]["Set5 p"].value
    assert differences(table, config, "psnr")[Pair("HiT-SIR+windows=fixed8", "HiT-SIR", 2, "Set5")][0].p == ablated


def test_differences_that_are_negligible_are_marked_apart(run):
    """0.01 dB with an interval within 0.05 dB is shown to be nothing; one that is wide is only not shown to be more."""
    base = np.random.default_rng(0).normal(30, 2, 100)
    for noise, mark in ((0.05, EQUIVALENT), (0.5, NOT_SEPARATED)):
        gains = np.random.default_rng(1).normal(0.01, noise, 100)
        found = compare(Scores((base + gains)[None], base[None]))
        assert mark_of([found], 0.05) == mark
    assert mark_of([compare(Scores((base + 1 + gains)[None], base[None]))], 0.05) == ""


def test_the_main_table_shows_the_spread_and_marks_what_is_not_separated(run):
    table, config, scores = run(40)
    means = scores["SwinIR-Light"].mean(1)
    cell = rows_of(tables.make("main", table, config))["SwinIR-Light"]["Set5 PSNR"]
    assert cell.text == f"{means.mean():.2f} ± {means.std(ddof=1):.2f}"
    assert cell.value == pytest.approx(means.mean())
    table, config, _ = run(3)
    grid = tables.make("main", table, config)
    assert rows_of(grid)["HiT-SIR"]["Set5 PSNR"].text.endswith(" n.s.")
    assert "n.s." not in rows_of(grid)["HiT-SRF"]["Set5 PSNR"].text, "its base is not in the run"
    assert any("after Holm's correction for the 3 comparisons of each score" in note for note in grid.notes)
    assert [cell.rank for cell in (rows_of(grid)[m]["Set5 PSNR"] for m in ("HiT-SRF", "HiT-SNG"))] == [1, 2]


def test_an_ablation_has_a_table_and_a_figure(run):
    table, config, scores = run(40)
    grid = tables.make("ablation-windows", table, config)
    shown = rows_of(grid)
    assert list(shown) == ["expanding 4 to 64 (the paper's)", "fixed 8", "shrinking 64 to 4"]
    gain = (scores["HiT-SIR+windows=fixed8"].mean(0) - scores["HiT-SIR"].mean(0)).mean()
    assert shown["fixed 8"]["Set5 ΔPSNR"].value == pytest.approx(gain)
    assert shown["fixed 8"]["Set5 separated"].text == "yes"
    assert shown["shrinking 64 to 4"]["Latency (ms)"].text == "10.0"
    assert not any("Not the paper's conditions" in note for note in grid.notes)
    assert "HiT-SIR+windows=fixed8" not in rows_of(tables.make("main", table, config))
    figures.render("ablation-windows", Path("measurements.csv"), config, Path("figures"))
    assert {path.suffix for path in Path("figures").iterdir()} == {".svg", ".pdf", ".png", ".json"}


def test_printed_figures_get_a_verdict_under_the_papers_conditions_alone(run):
    table, config, _ = run(5)
    grid = tables.make("comparison", table, config)
    shown = {(row[0].text, row[2].text): [cell.text for cell in row[3:]] for row in grid.rows}
    printed, measured, _, tolerance, verdict, conditions = shown["SwinIR-Light", "PSNR, Set5"]
    assert (printed, tolerance, verdict) == ("38.14", "0.065", "reproduced")
    assert abs(float(measured) - 38.14) < 0.03 and conditions == "trained by its published recipe"
    assert shown["HiT-SIR", "PSNR, Set5"][4] == "reproduced"
    for method, reason in (
        ("HiT-SRF", "reduced network (dim=32, heads=2)"),
        ("HiT-SNG", "1,000 of 500,000 iterations"),
    ):
        assert shown[method, "PSNR, Set5"][4:] == ["no verdict", reason]
    assert shown["HiT-SRF", "parameters (K)"][:5] == ["847", "846.9", "-0.1", "0.5", "reproduced"]
    assert shown["HiT-SNG", "FLOPs (G)"][4] == "differs"


def test_an_incomplete_test_set_gets_no_verdict(run):
    table, config, _ = run(4)
    rows = tables.make("comparison", table, config).rows
    quality = [row for row in rows if "Set5" in row[2].text]
    assert quality and all(row[-2].text == "no verdict" and "4 of 5 images" in row[-1].text for row in quality)


def test_a_method_is_compared_with_its_base_as_published_and_under_its_own_recipe(run):
    control = "SwinIR-Light+recipe=hit"
    methods = {**CONFIG["methods"], control: {"extends": "SwinIR-Light", "recipe": "hit"}}
    table, config, scores = run(40, methods=methods)
    grid = tables.make("statistics", table, config)
    pairs = {(row[0].text, row[1].text): dict(zip(grid.headers, row, strict=True)) for row in grid.rows}
    assert list(pairs) == [("HiT-SIR", "SwinIR-Light"), ("HiT-SIR", control), (control, "SwinIR-Light")]
    for base in ("SwinIR-Light", control):
        gain = (scores["HiT-SIR"].mean(0) - scores[base].mean(0)).mean()
        assert pairs["HiT-SIR", base]["PSNR difference"].value == pytest.approx(gain)
    main = rows_of(tables.make("main", table, config))
    assert main[control]["#Params (K)"] == main["SwinIR-Light"]["#Params (K)"]
    efficiency = [row[0].text for row in tables.make("efficiency", table, config).rows]
    assert control not in efficiency and "SwinIR-Light" in efficiency
    printed = [row[0].text for row in tables.make("comparison", table, config).rows]
    assert control not in printed and "SwinIR-Light" in printed, "nothing is printed of a control"
    assert any("last iteration" in note for note in tables.make("main", table, config).notes)
