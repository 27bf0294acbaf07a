"""The tables paste into a paper: LaTeX compiles them with booktabs, whatever they hold."""

import re
import shutil
import subprocess

import made_up
import pytest

from hitsr.analysis import measurements
from hitsr.configuration import resolve
from hitsr.report import contents, tables
from hitsr.report.cells import BEST, SECOND, Cell, Grid
from hitsr.report.formats.latex import _LATEX, as_latex
from hitsr.report.page import references

PREAMBLE = r"\documentclass[twocolumn]{article}\usepackage{booktabs,graphicx}\begin{document}"
EVERYTHING = "".join(_LATEX) + "é ß ü"


@pytest.fixture
def compiled(tmp_path):
    """Compile tables as one document; returns LaTeX's log."""
    latex = shutil.which("pdflatex")
    if latex is None or not shutil.which("kpsewhich") or subprocess.run(["kpsewhich", "booktabs.sty"]).returncode:
        pytest.skip("no pdflatex with booktabs (Debian: apt install texlive-latex-recommended)")

    def compile_(*texts: str) -> str:
        (tmp_path / "paper.tex").write_text("\n".join([PREAMBLE, *texts, r"\end{document}"]), encoding="utf-8")
        done = subprocess.run(
            [latex, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
            cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:]
        return (tmp_path / "paper.log").read_text(errors="replace")

    return compile_


def test_every_table_compiles_and_fits_a_column(compiled, tmp_path, monkeypatch):
    run = made_up.project(tmp_path, monkeypatch)
    table = measurements.read(run / made_up.MEASUREMENTS)
    config = resolve({**made_up.RAW, "ablations": {"windows": {}}})
    log = compiled(*(as_latex(tables.make(name, table, config), name) for name in contents.tables(config)))
    wide = re.findall(r"Overfull \\hbox \((\d+)\.\d+pt too wide\) in paragraph", log)
    assert not [points for points in wide if int(points) > 1], log
    assert "Missing character" not in log


def test_any_text_compiles(compiled):
    headers = ["Method", *(f"Set_{i} PSNR" for i in range(14)), "100 % & $x^2$"]
    row = [Cell(EVERYTHING, cite="zhang2024hitsr"), *(Cell("1.50", 1.5, rank) for rank in (0, BEST, SECOND) * 5)]
    groups = [("", 1), *((f"Set_{i}", 1) for i in range(14)), ("", 1)]
    log = compiled(as_latex(Grid(EVERYTHING, headers, [[row], [], [row]], [EVERYTHING] * 3, groups), "any_name"))
    assert "Missing character" not in log


def test_cited_papers_are_in_the_bibliography():
    cited = {entry["cite"] for entry in made_up.CONFIG["methods"].values() if entry["cite"]}
    entries = (*contents.tables(made_up.CONFIG).values(), *contents.figures(made_up.CONFIG).values())
    cited |= {key for entry in entries for key in entry.cites}
    assert cited and cited <= set(references.library())
