"""Tables and figures declare themselves: what a file says is known without running it, and a mistake names the file."""

import subprocess
import sys
from pathlib import Path

import made_up
import pytest
from conftest import ROOT

from hitsr.configuration import measured_kinds, resolve
from hitsr.errors import ConfigError
from hitsr.report import contents
from hitsr.schema.declarations import declared, read_declaration

MINE = """
import a_module_that_there_is_not

TABLE = contents.Table(name="mine", title="My table", about="What it " "shows.", needs=("quality", "latency"))


def make(table, config):
    return config["run"]
"""
HEAVY = ("torch", "numpy", "scipy", "pandas", "matplotlib", "seaborn", "PIL", "skimage")


def written(folder: Path, text: str = MINE, name: str = "mine.py") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_names_and_needs_are_known_without_anything_heavy():
    code = (
        "import sys; from hitsr.report import contents; from hitsr.configuration import measured_kinds, resolve;"
        "from hitsr.schema.files import read_yaml;"
        "config = resolve(read_yaml('config/config.yaml')); print(measured_kinds(config), contents.shown(config));"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout


def test_a_file_is_read_without_being_run(tmp_path):
    written(tmp_path)
    written(tmp_path, "anything", "_helper.py")
    found = declared(tmp_path, contents.Table)
    assert list(found) == ["mine"]
    assert found["mine"].declaration.about == "What it shows." and found["mine"].declaration.needs == (
        "quality",
        "latency",
    )
    with pytest.raises(ModuleNotFoundError, match="a_module_that_there_is_not"):
        found["mine"].load()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MINE.replace("TABLE =", "TABEL ="), r"mine.py: declares no table; write `TABLE = Table\(name=..., ...\)`"),
        (MINE.replace("about=", "papre='x', about="), r"mine.py: TABLE.papre: unknown key.*'paper'"),
        (MINE.replace('"latency"', '"latencies"'), r"mine.py: TABLE.needs.*'latencies'"),
        (MINE.replace('title="My table", ', ""), r"mine.py: TABLE.title"),
        (MINE.replace('"My table"', "TITLE"), r"mine.py, line 4: title: must be written out as a literal"),
        (MINE.replace("contents.Table(", "contents.Figure("), r"mine.py, line 4: expected `TABLE = Table\("),
        (MINE.replace("(table, config)", "(table, config"), r"mine.py, line 7: not valid Python"),
    ],
)
def test_mistakes_name_the_file(tmp_path, text, words):
    with pytest.raises(ConfigError, match=words) as raised:
        read_declaration(written(tmp_path, text), contents.Table)
    assert "\n" not in str(raised.value)


def test_two_of_one_name_are_refused(tmp_path):
    first, second = written(tmp_path), written(tmp_path, name="other.py")
    with pytest.raises(ConfigError, match=rf"{second}: {first} has the name 'mine' too; rename one"):
        declared(tmp_path, contents.Table)


def test_every_file_makes_what_it_declares():
    for kind, maker in ((contents.Table, "make"), (contents.Figure, "draw")):
        for found in contents.declared_of(kind):
            assert found.file.stem == found.declaration.name, "a file is called as its table or figure"
            module = found.load()
            assert callable(getattr(module, maker)) and getattr(module, kind.variable) == found.declaration


def test_a_run_measures_what_its_report_shows():
    raw = {"test_sets": ["set_1"], "datasets": {"set_1": {"folder": "x"}}, "methods": {"Bicubic": {}}}
    shown = resolve({**raw, "report": {"tables": ["complexity"], "figures": ["crops", "resolutions"]}})
    assert measured_kinds(shown) == ["complexity", "quality", "latency", "resolutions"]
    assert measured_kinds(resolve({"report": {"tables": [], "figures": []}})) == []


def test_axes_of_ablations_have_entries_of_their_own():
    config = resolve({**made_up.RAW, "ablations": {"windows": {}}})
    for entries in (contents.tables(config), contents.figures(config)):
        entry = entries["ablation-windows"]
        assert entry.title.startswith("Ablation: ") and entry.axis == "windows" and "quality" in entry.needs
    assert "ablation-windows" in config["report"]["tables"] and "ablation" not in contents.tables(config)
