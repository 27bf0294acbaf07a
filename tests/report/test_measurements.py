"""The long table: names stay text, what was changed or cut is refused, and nothing is averaged but seeds and images."""

import csv
import shutil
from pathlib import Path

import pytest

from hitsr.analysis import measurements
from hitsr.analysis.differences import Pair, grouped, scores
from hitsr.analysis.measurements import number, read
from hitsr.errors import ResultError
from hitsr.report import tables
from hitsr.report.cells import Grid
from hitsr.results.records import FORMULA, collect, write_record

NAMES = (
    "NA", "100", "2", "null", "1e3", "007", "0801", "nan", "True", "-", "a,b", 'quo"te', "two\nlines", "é 图",
    "=cmd|' /C calc'!A0", "'=1", "''x",
)  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def quality(method: str, scores: dict[str, float | str], dataset: str = "set", **identity) -> Path:
    """A measurement file of PSNR per image."""
    rows = [{"dataset": dataset, "image": i, "quantity": "psnr", "unit": "dB", "value": v} for i, v in scores.items()]
    return record(f"{method}-{dataset}-{identity.get('seed', 0)}.json", "quality", method, rows, **identity)


def record(name: str, kind: str, method: str | None, rows: list[dict], **identity) -> Path:
    content = {"kind": kind, "method": method, "scale": 2, "seed": 0, **identity, "rows": rows}
    path = Path("results") / name.replace("/", "_")
    path.parent.mkdir(exist_ok=True)
    write_record(path, content)
    return path


def collected(*files: Path, run: str = "007"):
    collect(run, list(files), Path("measurements.csv"))
    return read(Path("measurements.csv"))


def lists(dataset: str, *images: str) -> None:
    """The list of a prepared data set of run 007."""
    path = Path("results/007/data") / dataset / "x2.json"
    path.parent.mkdir(parents=True)
    write_record(path, {"images": [{"name": image} for image in images]})


@pytest.mark.parametrize("name", NAMES)
def test_names_are_text_whatever_they_look_like(name):
    table = collected(quality(name, {name: 30.1, "x": 31.1}, dataset=name, seed=None), run=name)
    row = table.iloc[0]
    assert (row.run, row.method, row.dataset, row.image) == (name,) * 4
    assert number(table, "psnr", method=name, dataset=name, scale=2).value == pytest.approx(30.6)
    assert list(table.other.unique()) == [""] and table.seed.isna().all()
    with Path("measurements.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(FORMULA)], "a spreadsheet would compute it"


@pytest.mark.parametrize("name", ["NA", "100", "007", "1e3", "null"])
def test_names_reach_the_tables_as_they_are(name):
    from hitsr.configuration import resolve

    raw = {
        "run": name, "methods": {"Bicubic": {}, name: {"extends": "HiT-SIR", "weights": {"2": __file__}}},
        "datasets": {name: {"folder": "x"}}, "test_sets": [name],
        "report": {"tables": ["statistics"], "figures": []},
    }  # fmt: skip
    config = resolve(raw)
    table = collected(*(quality(m, {name: p, "b": p}, dataset=name) for m, p in (("Bicubic", 30.0), (name, 31.0))))
    config["methods"][name]["baseline"] = "Bicubic"
    grid: Grid = tables.make("statistics", table, config)
    row = dict(zip(grid.headers, grid.rows[0], strict=True))
    assert (row["Method"].text, row["against"].text, row["Test set"].text) == (name, "Bicubic", name)
    assert row["PSNR difference"].value == 1.0


def test_values_are_exact():
    values = {str(i): 31.0 + i / 7 for i in range(50)} | {"identical": "inf"}
    table = collected(quality("A", values))
    assert dict(zip(table.image, table.value, strict=True)) == {k: float(v) for k, v in values.items()}


def test_identical_images_are_shown_as_such(folder):
    """An infinite PSNR makes a mean infinite; it is the best, and nothing breaks that shows it."""
    from hitsr.configuration import resolve
    from hitsr.report.formats import as_csv, as_latex, as_markdown

    methods = {name: {"weights": {"2": __file__}} for name in ("SwinIR-Light", "HiT-SIR")}
    config = resolve({"run": "007", "methods": methods, "datasets": {"set": {"folder": "x"}}, "test_sets": ["set"],
                      "metrics": ["psnr"], "report": {"tables": ["main"], "figures": []}})  # fmt: skip
    origin = {"command": "", "commit": None, "dirty": None, "started": "2026-01-01T00:00", "duration_s": 1.0}
    given = {"provenance": {**origin, "hardware": {"cpu": "A", "gpu": None}}}
    finite = quality("SwinIR-Light", {"a": 30.0, "b": 31.0}, **given)
    table = collected(finite, quality("HiT-SIR", {"a": "inf", "b": 31.0}, **given))
    cells = {row[0].text: row[4] for row in tables.make("main", table, config).rows}
    assert cells["HiT-SIR"].text == "∞ n.s." and cells["HiT-SIR"].rank == 1 and cells["SwinIR-Light"].rank == 2
    grid = tables.make("statistics", table, config)
    row = dict(zip(grid.headers, grid.rows[0], strict=True))
    texts = [row[f"PSNR {part}"].text for part in ("difference", "95% interval", "p", "separated")]
    assert texts == ["+∞", "–", "–", "no"]
    other = collected(finite, quality("HiT-SIR", {"a": "inf", "b": "inf"}, **given))
    assert [row[4].text for row in tables.make("main", other, config).rows] == ["30.50", "identical"]
    for name in ("main", "statistics"):
        grid = tables.make(name, table, config)
        assert "inf" in as_csv(grid) and "∞" in as_markdown(grid) and r"$\infty$" in as_latex(grid, name)


def test_a_changed_or_cut_table_is_refused():
    collected(quality("A", {"a": 30.0, "b": 31.0, "c": 32.0}))
    path = Path("measurements.csv")
    whole = path.read_text()
    for damaged in (whole.replace("31.0", "81.0"), "".join(whole.splitlines(keepends=True)[:-2])):
        path.write_text(damaged)
        with pytest.raises(ResultError, match=r"measurements.csv: was changed or damaged .* snakemake"):
            read(path)
    path.write_text(whole)
    read(path)
    file = Path("results/A-set-0.json")
    file.write_text(file.read_text().replace("31.0", "81.0"))
    with pytest.raises(ResultError, match=r"results/A-set-0.json is missing or was changed since it was collected"):
        read(path)
    file.unlink()
    with pytest.raises(ResultError, match="A-set-0.json is missing"):
        read(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(ResultError, match=r"measurements.json: no such file"):
        read(path)


def test_a_mean_over_fewer_images_than_the_set_has_is_refused():
    lists("set", "a", "b", "c")
    complete = quality("A", {"a": 30.0, "b": 31.0, "c": 32.0})
    assert number(collected(complete), "psnr", method="A").value == 31
    with pytest.raises(
        ResultError, match=r"B-set-0.json: lacks 1 of the 3 images of set in .*x2.json \(c\); .*hitsr score"
    ):
        collected(complete, quality("B", {"a": 30.0, "b": 31.0}))
    with pytest.raises(ResultError, match=r"C-set-0.json: has 1 more than the images of set .* \(d\)"):
        collected(quality("C", {"a": 30.0, "b": 31.0, "c": 32.0, "d": 33.0}))
    shutil.rmtree("results/007")
    with pytest.raises(ResultError, match=r"B-set-0.json: lacks 1 of the 3 images of set in results/A-set-0.json"):
        collected(complete, quality("B", {"a": 30.0, "b": 31.0}))


def test_methods_are_compared_over_the_same_images_alone():
    rows = [{"dataset": "set", "image": i, "quantity": "diffusion_index", "value": 1.0} for i in ("a", "b")]
    files = [record(f"{m}.json", "attribution", m, r) for m, r in (("A", rows), ("B", rows[:1]))]
    with pytest.raises(
        ResultError, match=r"A.json, .*B.json: diffusion_index of A and B .* different images \(b is not"
    ):
        scores(grouped(collected(*files), "diffusion_index"), Pair("A", "B", 2, "set"))


def test_nothing_is_averaged_but_seeds_and_images():
    timed = (("8x8", "reference", "eager"), ("8x8", "optimized", "onnx"), ("9x8", "optimized", "onnx"))
    times = [
        {"input": size, "implementation": name, "backend": backend, "quantity": "latency_median", "value": 1.0}
        for size, name, backend in timed
    ]
    table = collected(record("time.json", "latency", None, [{"method": "A", **row} for row in times], seed=None))
    with pytest.raises(ResultError, match=r"latency_median of A is there for several values of 'input' \(8x8, 9x8\)"):
        number(table, "latency_median", method="A")
    with pytest.raises(ResultError, match="several values of 'implementation'"):
        number(table, "latency_median", method="A", input="8x8")
    assert number(table, "latency_median", method="A", input="9x8").value == 1
    assert number(table, "latency_median", method="B") is None
    seeds = collected(*(quality("A", {"a": 30.0 + s, "b": 31.0 + s}, seed=s) for s in (0, 1)))
    assert number(seeds, "psnr", method="A").value == 31.0


def test_a_column_of_another_version_is_refused():
    old = record("old.json", "latency", "A", [{"variant": "fast", "quantity": "latency_median", "value": 1}])
    with pytest.raises(ResultError, match=r"old.json: has a column 'variant', .* delete it and run again"):
        collect("x", [old], Path("measurements.csv"))
    assert not Path("measurements.csv").exists()
    assert "variant" not in measurements.COLUMNS
