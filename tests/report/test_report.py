"""Tables, figures and page from measurements with known answers."""

import html.parser
import json
import re
from pathlib import Path

import numpy as np
import pytest

from hitsr.configuration import resolve
from hitsr.data.images import write_png
from hitsr.errors import ConfigError, ResultError
from hitsr.records import collect
from hitsr.report import contents, figures, measurements, page, tables
from hitsr.report.cells import BEST, SECOND, Cell, Grid, as_csv, as_latex, as_markdown, latex, ranked

ORIGIN = {
    "command": "hitsr score", "config_digest": "aaaa", "source_digest": "bbbb", "commit": "0123456789abcdef",
    "dirty": False,
    "versions": {}, "hardware": {"cpu": "A Processor", "cores": 2, "memory_gib": 4.0, "gpu": None}, "device": "cpu",
    "threads": 1, "seed": 0, "started": "2026-01-01T00:00:00+00:00", "duration_s": 1.5,
}  # fmt: skip
PSNR = {"Bicubic": 30.0, "SwinIR-Light": 31.504, "HiT-SIR": 31.496, "HiT-SRF": 32.25}
CONFIG = resolve(
    {
        "run": "made-up",
        "methods": {name: {} for name in PSNR},
        "datasets": {"set_1": {"folder": "x"}, "training": {"folder": "y"}},
        "training_set": "training",
        "test_sets": ["set_1"],
        "report": {
            "tables": ["main", "efficiency", "complexity", "comparison"],
            "crops": [{"dataset": "set_1", "image": "a", "x": 4, "y": 4, "width": 16, "height": 12}],
        },
    }
)


@pytest.fixture
def run(tmp_path, monkeypatch, random):
    """A run of four methods; HiT-SRF was not timed. Returns the folder of the project."""
    for module in (measurements, page, figures.crops):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    results = Path("results/made-up")
    files = []

    def record(path: str, **content) -> None:
        file = results / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"scale": 2, "seed": None, **content, "provenance": ORIGIN}))
        files.append(file)

    image = random.integers(0, 256, (40, 48, 3), dtype=np.uint8)
    write_png(results / "data" / "set_1" / "HR" / "a.png", image)
    latency = []
    for number, (name, psnr) in enumerate(PSNR.items()):
        rows = [
            {"dataset": "set_1", "image": i, "variant": "paper", "quantity": quantity, "unit": "", "value": value}
            for i, shift in (("a", 1), ("b", -1))
            for quantity, value in (("psnr", psnr + shift), ("ssim", 0.9))
        ]
        record(f"quality/{name}.json", kind="quality", method=name, rows=rows, **{"seed": 0})
        write_png(results / "images" / name / "x2" / "seed0" / "set_1" / "a.png", image)
        if name == "Bicubic":
            continue
        counts = [{"quantity": "parameters", "unit": "", "value": 772064}]
        counts += [
            {"quantity": "macs_fvcore", "input": "640x360", "variant": "plain", "unit": "", "value": 2.5e9 + number}
        ]
        left_out = {"fvcore": {"aten::softmax": 3}}
        record(f"complexity/{name}.json", kind="complexity", method=name, rows=counts, left_out=left_out)
        history = [
            {"iteration": i, "quantity": q, "unit": "", "value": v}
            for i in (10, 20, 30)
            for q, v in (("loss", 1 / i), ("validation_psnr", 20 + i))
        ]
        record(f"train/{name}.json", kind="training", method=name, rows=history, **{"seed": 0})
        if name != "HiT-SRF":
            times = {"latency_median": 100 / (number + 1), "latency_p10": 1, "latency_p90": 2, "peak_memory": 3}
            shared = {"method": name, "input": "320x180", "variant": "fast"}
            latency += [{**shared, "quantity": key, "unit": "", "value": value} for key, value in times.items()]
    record("latency/x2.json", kind="latency", method=None, rows=latency)
    collect("made-up", files, results / "measurements.csv")
    return tmp_path


def table(run, name: str) -> Grid:
    return tables.make(name, measurements.read(run / "results/made-up/measurements.csv"), CONFIG)


def row(grid: Grid, method: str) -> dict[str, Cell]:
    return dict(zip(grid.headers, next(r for r in grid.rows if r[0].text == method), strict=True))


def test_every_table_and_figure_has_a_title():
    assert list(contents.TABLES) == list(tables.TABLES)
    assert list(contents.FIGURES) == list(figures.FIGURES)


def test_main_table(run):
    grid = table(run, "main")
    shown = {name: row(grid, name)["set_1 PSNR"] for name in PSNR}
    assert {name: cell.text for name, cell in shown.items()} == {
        "Bicubic": "30.00", "SwinIR-Light": "31.50", "HiT-SIR": "31.50", "HiT-SRF": "32.25",
    }  # fmt: skip
    assert [cell.rank for cell in shown.values()] == [0, SECOND, SECOND, BEST]
    assert row(grid, "Bicubic")["#Params (K)"].text == "–"
    assert row(grid, "HiT-SIR")["#Params (K)"].text == "772.1"
    assert shown["HiT-SRF"].source == "results/made-up/quality/HiT-SRF.json"
    assert "0123456789" in grid.caption


def test_efficiency_table(run):
    grid = table(run, "efficiency")
    assert row(grid, "HiT-SIR")["Speed-up"].text == "1.50×"
    assert row(grid, "HiT-SRF")["Latency (ms)"].text == row(grid, "HiT-SRF")["Speed-up"].text == "–"
    assert "A Processor" in grid.caption and "320×180" in grid.caption


def test_complexity_table(run):
    grid = table(run, "complexity")
    assert row(grid, "HiT-SIR")["printed"].text == "772"
    assert row(grid, "HiT-SIR")["Verdict"].text == "macs differ"
    assert "fvcore leaves out: softmax." in grid.notes


def test_comparison_table(run):
    assert row(table(run, "comparison"), "HiT-SIR")["Verdict"].text == "not printed"


def test_ranks():
    cells = [Cell("1.00", 1.0), Cell("2.00", 2.001), Cell("2.00", 1.999), Cell("–"), Cell("0.50", 0.5)]
    assert [cell.rank for cell in ranked(cells)] == [SECOND, BEST, BEST, 0, 0]
    assert [cell.rank for cell in ranked([Cell("1.0", 1.0)])] == [0]


def test_formats():
    grid = Grid(
        "t", "100 % of a_b", ["Method", "x"], [[[Cell("A_1", cite="k"), Cell("1.5", 1.54, BEST, "f.json")]]], ["n"]
    )
    assert as_markdown(grid).splitlines()[2:5] == ["| Method | x |", "|:--|--:|", "| A_1 | **1.5** |"]
    assert r"A\_1~\cite{k} & \textbf{1.5} \\" in as_latex(grid)
    assert r"\caption{100 \% of a\_b}" in as_latex(grid)
    assert as_csv(grid) == "Method,x,files\nA_1,1.54,f.json\n"
    assert latex("×2 & 3 – 4") == r"$\times$2 \& 3 -- 4"


@pytest.mark.parametrize("name", figures.FIGURES)
def test_figures_are_the_same_bytes_each_time(run, name):
    files = {}
    for folder in ("one", "two"):
        figures.render(name, run / "results/made-up/measurements.csv", CONFIG, run / folder)
        files[folder] = {path.name: path.read_bytes() for path in sorted((run / folder).iterdir())}
    assert set(files["one"]) == {f"{name}.{suffix}" for suffix in ("svg", "pdf", "png")}
    assert files["one"] == files["two"]


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.loaded = [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a":
            self.links.append(attributes["href"])
        self.loaded += [attributes[key] for key in ("src",) if key in attributes]
        if tag == "link":
            self.loaded.append(attributes["href"])


def test_page_stands_alone_and_links_every_number(run):
    folder = run / "reports" / "made-up"
    source = run / "results/made-up/measurements.csv"
    for name in CONFIG["report"]["figures"]:
        figures.render(name, source, CONFIG, folder / "figures")
    for name in CONFIG["report"]["tables"]:
        tables.render(name, source, CONFIG, folder / "tables")
    page.render(source, CONFIG, folder)
    text = (folder / "report.html").read_text()
    reader = Reader()
    reader.feed(text)
    assert reader.loaded and all(source.startswith("data:image/") for source in reader.loaded)
    assert not re.search(r"https?://(?!www\.w3\.org)", re.sub(r'data:image/[^"]*', "", text))
    for link in reader.links:
        assert link.startswith("#") or (folder / link).resolve().is_file(), link
    assert sum("quality/HiT-SRF.json" in link for link in reader.links) >= 3
    assert "A Processor" in text and "0123456789" in text


def test_mistakes(run):
    with pytest.raises(ConfigError, match="unknown table 'best'; choose one of main"):
        table(run, "best")
    crops = [{**CONFIG["report"]["crops"][0], "x": 40}]
    config = {**CONFIG, "report": {**CONFIG["report"], "crops": crops}}
    with pytest.raises(ConfigError, match=r"crops.0: reaches beyond the image of 48x40"):
        figures.render("crops", run / "results/made-up/measurements.csv", config, run / "x")
    broken = run / "broken.csv"
    broken.write_text("a,b\n1,2\n")
    with pytest.raises(ResultError, match=r"broken.csv: has no column 'run'"):
        measurements.read(broken)
    twice = run / "twice.csv"
    lines = (run / "results/made-up/measurements.csv").read_text().splitlines(keepends=True)
    twice.write_text("".join([*lines, lines[1]]))
    with pytest.raises(ResultError, match="is there twice"):
        measurements.read(twice)
    (run / "cut.json").write_text('{"rows": [')
    with pytest.raises(ResultError, match=r"cut.json: not a readable result"):
        collect("x", [run / "cut.json"], run / "out.csv")
    assert not (run / "out.csv").exists()
