"""Tables, figures and page from measurements with known answers."""

import html.parser
import math
import re

import made_up
import pytest
from made_up import CONFIG, MEASUREMENTS, PSNR
from matplotlib import pyplot as plt

from hitsr.analysis import measurements
from hitsr.configuration import resolve
from hitsr.errors import ConfigError, ResultError
from hitsr.report import contents, figures, page, tables
from hitsr.report.cells import BEST, SECOND, Cell, Grid, ranked
from hitsr.report.formats import as_csv, as_latex, as_markdown
from hitsr.report.formats.latex import escape
from hitsr.report.page import references
from hitsr.results.records import collect, read_record, write_record


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The folder of the made-up project."""
    return made_up.project(tmp_path, monkeypatch)


def table(run, name: str) -> Grid:
    return tables.make(name, measurements.read(run / MEASUREMENTS), CONFIG)


def row(grid: Grid, method: str) -> dict[str, Cell]:
    return dict(zip(grid.headers, next(r for r in grid.rows if r[0].text == method), strict=True))


def test_main_table(run):
    grid = table(run, "main")
    shown = {name: row(grid, name)["set_1 PSNR"] for name in PSNR}
    assert {name: cell.text for name, cell in shown.items()} == {
        "Bicubic": "30.00", "SwinIR-Light": "31.50", "HiT-SIR": "31.50 ≡", "HiT-SRF": "32.25",
    }  # fmt: skip
    assert [cell.rank for cell in shown.values()] == [0, SECOND, SECOND, BEST]
    assert row(grid, "Bicubic")["#Params (K)"].text == "–"
    assert row(grid, "HiT-SIR")["#Params (K)"].text == "772.1"
    assert shown["HiT-SRF"].files == ("results/made-up/quality/HiT-SRF.json",)
    assert "0123456789" in grid.caption


def test_what_must_be_said_of_a_method_is_said_below_every_table_that_has_it(run):
    noted = made_up.RAW | {"methods": {**made_up.RAW["methods"], "HiT-SIR": {"note": "configuration inferred"}}}
    config = resolve(noted)
    for name in ("main", "efficiency", "complexity"):
        grid = tables.make(name, measurements.read(run / MEASUREMENTS), config)
        assert "HiT-SIR: configuration inferred." in grid.notes
        assert "HiT-SIR: configuration inferred." not in table(run, name).notes


def test_efficiency_table(run):
    grid = table(run, "efficiency")
    assert row(grid, "HiT-SIR")["Speed-up"].text == "1.50×"
    slow = measurements.read(run / MEASUREMENTS)
    slow.loc[(slow.method == "HiT-SIR") & (slow.quantity == "latency_median"), "value"] *= 125
    assert row(tables.make("efficiency", slow, CONFIG), "HiT-SIR")["Speed-up"].text == "0.012×"
    assert row(grid, "HiT-SRF")["Latency (ms)"].text == row(grid, "HiT-SRF")["Speed-up"].text == "–"
    assert "A Processor" in grid.caption and "320×180" in grid.caption


def test_complexity_table(run):
    grid = table(run, "complexity")
    assert row(grid, "HiT-SIR")["printed"].text == "772"
    assert row(grid, "HiT-SIR")["Verdict"].text == "FLOPs: above every count"
    assert "fvcore leaves out: softmax." in grid.notes


def test_comparison_table(run):
    rows = {(r[0].text, r[2].text): r for r in table(run, "comparison").rows}
    parameters, flops = rows["HiT-SIR", "parameters (K)"], rows["HiT-SIR", "FLOPs (G)"]
    assert [cell.text for cell in parameters[3:8]] == ["772", "772.1", "+0.1", "0.5", "reproduced"]
    assert [cell.text for cell in flops[3:8]] == ["209.9", "2.50", "-207.40", "0.05", "differs"]
    assert ("Bicubic", "parameters (K)") not in rows


WITHOUT_NUMBERS = ("attention_cost", "attribution", "departures", "power", "recipes", "reference")
"""Tables that say in words what a run with one training of each network lacks."""


@pytest.mark.parametrize("name", contents.names(contents.Table))
def test_numbers_are_in_the_unit_of_their_header(run, name):
    """What a CSV file holds is what the table shows, not rounded: thousands under (K), milliseconds under (ms)."""
    checked = 0
    for cells in table(run, name).rows:
        for cell in cells:
            found = re.search(r"[+−-]?[\d,]+(\.\d+)?", cell.text)
            if isinstance(cell.value, int | float) and found and "e" not in cell.text:
                shown = float(found[0].replace(",", "").replace("−", "-"))
                digits = len(found[1] or ".") - 1
                assert cell.value == pytest.approx(shown, abs=0.5001 * 10**-digits), (name, cell)
                checked += 1
    assert checked or name in WITHOUT_NUMBERS


def test_bars_and_tables_show_the_same_cost(run):
    """One quantity has one value for one condition on a page."""
    from hitsr.report.figures import cost

    measured = measurements.read(run / MEASUREMENTS)
    panels = cost.draw(measured, CONFIG).axes
    drawn, names = {axes.get_xlabel(): axes for axes in panels}, [n.get_text() for n in panels[0].get_yticklabels()]
    grid = table(run, "efficiency")
    rows = {r[0].text: dict(zip(grid.headers, r, strict=True)) for r in grid.rows}
    for label, header in (("parameters (K), ×2", "#Params (K)"), ("latency (ms), optimized, ×2", "Latency (ms)")):
        axes = drawn[label]
        widths = dict(zip(names, axes.patches, strict=True))
        for method, row_ in rows.items():
            if row_[header].value is not None:
                assert widths[method].get_width() == pytest.approx(row_[header].value), (method, label)


def test_leaks_table(run):
    grid = table(run, "leaks")
    leak, duplicate = grid.rows
    shown = ["0801", "training", "training", "a", "set_1", "test", "0.988", "16"]
    assert [cell.text for cell in leak] == [*shown, 'exclude: ["0801"] under datasets.training']
    assert (leak[6].value, leak[6].files) == (0.98765, ("results/made-up/leaks.json",))
    assert [cell.text for cell in duplicate][-3:] == ["0.900", "80", ""]
    assert "5 images compared" in grid.caption


def test_a_run_without_leaks(run):
    measured = measurements.read(run / MEASUREMENTS)
    grid = tables.make("leaks", measured[~measured.quantity.str.contains("leak|duplicate")], CONFIG)
    assert grid.rows == [] and grid.notes[0] == "None was found."
    assert "None was found." in as_markdown(grid) and "None was found." in as_latex(grid, "t")


def test_page_tells_of_leaks_and_of_given_low_resolution_images(run, monkeypatch):
    low = {"file": "x2/a.png", "same_size": True, "differing_pixels": 1234}
    path = run / "results/made-up/data/set_1/x2.json"
    record = read_record(path)
    record["images"][0]["given_low"] = low
    write_record(path, record)
    text = made_up.report(run, without_figures(CONFIG)).read_text()
    assert (
        "1 leak and 1 duplicate</strong> among 5 images" in text
        and "0801 of training (training) is a of set_1 (test)" in text
    )
    assert "exclude: [&#34;0801&#34;] under datasets.training" in text
    assert "×2: 1 of 1 low-resolution images differ from the given files, most a (1,234 pixels)" in text
    low["differing_pixels"] = 0
    write_record(path, record)
    text = made_up.report(run, without_figures(CONFIG)).read_text()
    assert "×2: all 1 low-resolution images equal the given files in every pixel" in text


def without_figures(config):
    return {**config, "report": {**config["report"], "figures": []}}


def test_ranks():
    cells = [Cell("1.00", 1.0), Cell("2.00", 2.001), Cell("2.00", 1.999), Cell("–"), Cell("0.50", 0.5)]
    assert [cell.rank for cell in ranked(cells, 2)] == [SECOND, BEST, BEST, 0, 0]
    assert [cell.rank for cell in ranked(cells, 3)] == [0, BEST, SECOND, 0, 0]
    assert [cell.rank for cell in ranked(cells, 2, higher_is_better=False)] == [SECOND, 0, 0, 0, BEST]
    assert [cell.rank for cell in ranked([Cell("1.0", 1.0)], 1)] == [0]
    numbers = (8.68, 31.48, 100.0, math.inf, 2.5)
    assert [cell.rank for cell in ranked([Cell(str(n), n) for n in numbers], 2)] == [0, 0, SECOND, BEST, 0]


def test_formats():
    grid = Grid(
        "100 % of a_b", ["Method", "x"], [[[Cell("A_1", cite="k"), Cell("1.5", 1.54, BEST, ("f.json",))]]], ["n"]
    )
    assert as_markdown(grid).splitlines()[2:5] == ["| Method | x |", "|:--|--:|", "| A_1 | **1.5** |"]
    piped = Grid("", ["Method"], [[[Cell("a|b")]]])
    assert as_markdown(piped).splitlines()[4] == r"| a\|b |"
    assert r"A\_1~\cite{k} & \textbf{1.5} \\" in as_latex(grid, "t")
    assert r"\caption{100 \% of a\_b}" in as_latex(grid, "t")
    assert as_csv(grid) == "Method,x,files\nA_1,1.54,f.json\n"
    assert escape("×2 & 3 – 4") == r"$\times$2 \& 3 -- 4"
    assert escape("-0.5 [-1, +.2] 10-90 HiT-2 2e-3") == r"$-$0.5 {[}$-$1, +.2] 10-90 HiT-2 2e-3"


@pytest.mark.parametrize(("figure", "suffix"), [("cost", "svg"), ("crops", "png")])
def test_a_damaged_figure_is_not_shown(run, figure, suffix):
    """Whatever became of the file: a flipped bit, nothing, or another one's content."""
    config = {**CONFIG, "report": {**CONFIG["report"], "figures": [figure], "tables": []}}
    folder = run / "reports" / "made-up"
    figures.render(figure, run / MEASUREMENTS, config, folder / "figures")
    path = folder / "figures" / f"{figure}.{suffix}"
    whole = path.read_bytes()
    for content in (whole[:-9] + bytes([whole[-9] ^ 4]) + whole[-8:], b"", b"\xff" * 99):
        path.write_bytes(content)
        with pytest.raises(ResultError, match=rf"{figure}.{suffix}: was changed or damaged .* again: snakemake"):
            page.render(run / MEASUREMENTS, config, folder)
    assert not (folder / "report.html").exists()


def test_results_that_are_kept_are_named_on_the_page_and_below_tables(run):
    path = (run / MEASUREMENTS).with_suffix(".json")
    file, why = "results/made-up/quality/HiT-SIR.json", "train.learning_rate: 0.002 -> 0.001"
    write_record(path, {**read_record(path), "kept": {file: [why]}})
    quiet = {**CONFIG, "report": {**CONFIG["report"], "figures": []}}
    text = made_up.report(run, quiet).read_text()
    shown = f"was made otherwise than the configuration says: {why}".replace(">", "&gt;")
    assert f'<dt>Kept</dt><dd><a href="../../{file}">{file}</a> {shown}</dd>' in text
    assert table(run, "main").notes[0] == f"Kept though made otherwise than the configuration says: {file} ({why})."


@pytest.mark.parametrize("name", contents.names(contents.Figure))
def test_figures_are_the_same_bytes_each_time(run, name):
    files = {}
    for folder in ("one", "two"):
        figures.render(name, run / MEASUREMENTS, CONFIG, run / folder)
        files[folder] = {path.name: path.read_bytes() for path in sorted((run / folder).iterdir())}
    assert set(files["one"]) == {f"{name}.{suffix}" for suffix in ("svg", "pdf", "png", "json")}
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
    path = made_up.report(run)
    folder, text = path.parent, path.read_text()
    reader = Reader()
    reader.feed(text)
    assert reader.loaded and all(source.startswith("data:image/") for source in reader.loaded)
    assert not re.search(r"https?://(?!www\.w3\.org)", re.sub(r'data:image/[^"]*', "", text))
    for link in reader.links:
        assert link.startswith("#") or (folder / link).resolve().is_file(), link
    assert sum("quality/HiT-SRF.json" in link for link in reader.links) >= 3
    assert "A Processor" in text and "0123456789" in text


def test_references_are_those_of_the_run():
    methods = {"HiT-SIR": {}, "SwinIR-NG": {}}
    datasets = {"mine": {"folder": "x", "cite": "zeyde2010set14"}, "shipped": {"photographs": ["camera"]}}
    given = {"run": "x", "methods": methods, "datasets": datasets, "test_sets": ["mine"]}
    ready = {name: {"weights": {"2": __file__}} for name in methods}
    short = resolve({**given, "methods": ready, "report": {"tables": ["efficiency"], "figures": []}})
    assert [paper.key for paper in references.used(short)] == [
        "zhang2024hitsr", "choi2023n", "zeyde2010set14", "paszke2019pytorch",
    ]  # fmt: skip
    shown = resolve({**given, "test_sets": ["shipped"], "training_set": "mine", "report": {"tables": ["main"]}})
    found = {paper.key: paper for paper in references.used(shown)}
    assert {"wang2004ssim", "vanderwalt2014scikit", "kingma2015adam"} <= set(found) and "liang2021swinir" not in found
    paper = found["zhang2024hitsr"]
    assert paper.title == "HiT-SR: Hierarchical Transformer for Efficient Image Super-Resolution"
    assert paper.authors == "Xiang Zhang, Yulun Zhang and Fisher Yu"
    assert (paper.venue, paper.year) == ("European Conference on Computer Vision", "2024")
    assert paper.bibtex.startswith("@inproceedings{zhang2024hitsr,") and paper.bibtex.endswith("}")
    assert all(paper.title and paper.authors and paper.venue for paper in map(cite, references.library()))


def cite(key: str) -> references.Reference:
    return references.Reference(key, references.library()[key])


def test_mistakes(run):
    with pytest.raises(ConfigError, match="unknown table 'best'; choose one of .*main"):
        table(run, "best")
    with pytest.raises(ResultError, match="cost.svg: no such figure; make it first: snakemake .*figures/cost.pdf"):
        page.render(run / MEASUREMENTS, CONFIG, run / "reports" / "made-up")
    again = [*(run / "results/made-up/quality").glob("HiT-SIR.json")] * 2
    collect("made-up", again, run / "twice.csv")
    with pytest.raises(ResultError, match="psnr of HiT-SIR x2 is there twice: .*quality/HiT-SIR.json; keep one"):
        measurements.read(run / "twice.csv")
    (run / "cut.json").write_text('{"rows": [')
    with pytest.raises(ResultError, match=r"cut.json: is no readable result .* run the same command again"):
        collect("x", [run / "cut.json"], run / "out.csv")
    assert not (run / "out.csv").exists()


EMPTY = {
    "nothing measured": {},
    "no test set": {"test_sets": [], "validation_set": None},
    "interpolation alone": {"methods": {"Bicubic": {}}},
}


@pytest.mark.parametrize("case", EMPTY)
def test_what_is_empty_says_why(tmp_path, monkeypatch, case):
    """Every table, every figure and the page of a run in which nothing was measured."""
    monkeypatch.chdir(tmp_path)
    collect("made-up", [], tmp_path / "m.csv")
    table = measurements.read(tmp_path / "m.csv")
    config = {**resolve({**made_up.RAW, "ablations": {}, **{**EMPTY[case], "test_sets": ["set_1"]}})}
    config = {**config, "test_sets": EMPTY[case].get("test_sets", ["set_1"])}
    for name, entry in contents.tables(config).items():
        grid = tables.make(name, table, config)
        # what a table needs beyond measurements, it says after them
        why = [note for note in grid.notes if note.startswith("No ")][: len(entry.needs)]
        assert len(why) == len(entry.needs), (name, why)
        assert all(note.endswith((" set.", " network.", " weights.", " measures it.")) for note in why), why
    for name, entry in contents.figures(config).items():
        figure = figures.draw(name, table, config)
        assert len(figure.axes) == 1 and figure.axes[0].texts[0].get_text().count("No ") == len(entry.needs), name
        plt.close(figure)
    quiet = {**config, "report": {**config["report"], "tables": ["printed", "main"], "figures": []}, "test_sets": []}
    page.render(tmp_path / "m.csv", quiet, tmp_path / "reports")
    text = (tmp_path / "reports" / "report.html").read_text()
    assert "nothing was measured" in text and "No scores: the run has no test set." in text


def test_table_and_figure_of_one_title_have_one_heading():
    from hitsr.report.page.order import ordered

    shown = [
        {"part": part, "kind": kind, "title": title}
        for part, kind, title in (
            ("Ablations", "table", "Windows"),
            ("Ablations", "table", "Heads"),
            ("Quality", "table", "Windows"),
            ("Ablations", "figure", "Windows"),
            ("Ablations", "figure", "Curves"),
        )
    ]
    found = ordered(shown)
    assert [part["title"] for part in found] == ["Quality", "Ablations"]
    windows, drawn, heads, curves = found[1]["items"]
    assert [(each["title"], each["continued"]) for each in (windows, drawn, heads, curves)] == [
        ("Windows", False),
        ("Windows", True),
        ("Heads", False),
        ("Curves", False),
    ]
    assert drawn["kind"] == "figure"


def test_notes_stand_once_on_the_page(run):
    from hitsr.report.page.order import notes_once

    grids = [Grid("", [], [], list(notes)) for notes in (("a", "b"), ("b", "c"), ("a", "c"))]
    shown = [{"name": str(n), "grid": grid} for n, grid in enumerate(grids)]
    notes_once(shown)
    assert [(each["notes"], each["shared"]) for each in shown] == [(["a", "b"], []), (["c"], ["0"]), ([], ["0", "1"])]


def test_noisy_timings_and_networks_below_interpolation_are_said(run):
    from hitsr.analysis.doubts import below_interpolation, noisy

    found = measurements.read(run / MEASUREMENTS)
    assert noisy(found, CONFIG) == [] and below_interpolation(found, CONFIG) == []
    found.loc[(found.quantity == "latency_p90") & (found.method == "HiT-SIR"), "value"] = 90
    (said,) = noisy(found, CONFIG)
    assert "HiT-SIR ×2 (optimized, eager) 267%" in said
    found.loc[(found.quantity == "psnr") & (found.method == "HiT-SRF"), "value"] -= 3
    (said,) = below_interpolation(found, CONFIG)
    assert said.startswith("Below interpolation by PSNR: HiT-SRF on set_1 ×2 (29.25, not 30.00).")
    assert said in tables.make("main", found, CONFIG).notes
