"""Names and labels are whatever users chose: no format finds anything in them but text."""

import csv
import io
import re
import shutil
import subprocess

import pytest

from hitsr.report.cells import Cell, Grid
from hitsr.report.formats import as_csv, as_latex, as_markdown
from hitsr.report.formats.markdown import escape

HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a|b", "two\nlines", "three\r\nlines",
    "=cmd|' /C calc'!A0",
    "+1+1", "-2+3", "@SUM(A1)", "\t=1", "**bold**", "_em_", "[link](http://evil.example)", "![](http://evil.example/x.png)",
    "`code`", "one ` tick", "&lt;b&gt;", "\\", "\\|", "$x$", "~~gone~~", "# title", "- item", "1. item", "> quote",
    "100 % of #1 & {more}", "^~\\input{/etc/passwd}", "图像", "e\u0301", "x" * 240, "a_b_c", "http://evil.example",
)  # fmt: skip


def grid(text: str) -> Grid:
    """A table with a text in each place that users can fill."""
    return Grid(text, ["Method", text], [[[Cell(text), Cell("1.50", 1.5)], [Cell("x"), Cell(text)]]], [text])


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_has_one_row_per_row(text):
    lines = as_markdown(grid(text)).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == 3 and all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert not re.search(r"(?<!\\)<(?!br>|/?u>)", "\n".join(lines))


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_the_text(text):
    """As a reader of Markdown sees it: through a converter, and then without tags."""
    markdown = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    reader = markdown.MarkdownIt("gfm-like", {"linkify": False, "html": True}).enable("table")
    shown = reader.render(f"| a |\n|:--|\n| {escape(text)} |\n")
    cell = re.search(r"<tbody>\s*<tr>\s*<td[^>]*>(.*)</td>", shown, re.DOTALL)[1]
    assert not re.search(r"<", cell), cell
    import html

    assert html.unescape(cell) == " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_computes_nothing(text):
    rows = list(csv.reader(io.StringIO(as_csv(grid(text)))))
    assert len(rows) == 3 and {len(row) for row in rows} == {3}
    for cell in (rows[0][1], rows[1][0], rows[2][1]):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert cell.removeprefix("'") == " ".join(text.split())
    assert rows[1][1] == "1.5"


def test_csv_keeps_negative_numbers():
    rows = list(csv.reader(io.StringIO(as_csv(Grid("", ["a"], [[[Cell("−0.50", -0.5)]]])))))
    assert rows[1] == ["-0.5", ""]


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex")
def test_latex_compiles(tmp_path):
    body = [as_latex(grid(text), "t") for text in HOSTILE]
    text = "\n".join(
        [r"\documentclass{article}\usepackage{booktabs,graphicx}\begin{document}", *body, r"\end{document}"]
    )
    (tmp_path / "t.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("text", HOSTILE)
def test_latex_has_no_command_of_the_text(text):
    made = as_latex(grid(text), "t")
    assert made.count("\\input") == 0 and made.count("$") % 2 == 0
    assert len([line for line in made.splitlines() if line.endswith(r"\\")]) == 3
