"""Fingerprints of source: a change that says nothing new to the machine changes none, any other one what it reaches."""

import subprocess
import sys

import pytest
from conftest import ROOT

from hitsr.networks import registry
from hitsr.results import fingerprints

NETWORKS = ["SwinIR-Light", "ELAN-Light", "SwinIR-NG", "SRFormer-Light", "HiT-SIR", "HiT-SNG", "HiT-SRF"]


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A copy of the source that may be changed."""
    for package in ("hitsr", "baselines"):
        for path in (ROOT / package).rglob("*.py"):
            target = tmp_path / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text())
    monkeypatch.setattr(fingerprints, "ROOT", tmp_path)
    fingerprints.clear()
    yield tmp_path
    fingerprints.clear()


def changed(folder, name: str, first: str, second: str) -> bool:
    """Whether a module that says `first` has another fingerprint than one that says `second`."""
    found = []
    for text in (first, second):
        (folder / name).write_text(text)
        fingerprints.clear()
        found.append(fingerprints.source_digest(str(folder / name)))
    return found[0] != found[1]


CODE = "class Net:\n    dim: int = 60\n\n    def scale(self, x):\n        return x * 0.5\n"


@pytest.mark.parametrize(
    "same",
    [
        "# a remark\n" + CODE,
        CODE.replace("x * 0.5", "(x\n            * 0.5)  # half"),
        CODE.replace("\n\n", "\n\n\n\n"),
        '"""A module."""\n' + CODE,
        CODE.replace("class Net:\n", 'class Net:\n    """A network."""\n\n'),
        CODE.replace("= 60\n", '= 60\n    """Channels."""\n'),
        CODE.replace("(self, x):\n", '(self, x):\n        """Half."""\n'),
        CODE.replace("(self, x):", "(self, x: float) -> float:"),
    ],
    ids=["comment", "formatting", "blank", "module", "class", "attribute", "function", "annotation"],
)
def test_what_says_nothing_to_the_machine(tmp_path, same):
    assert not changed(tmp_path, "net.py", CODE, same)


@pytest.mark.parametrize(
    "other",
    [CODE.replace("0.5", "0.25"), CODE.replace("60", "64"), CODE.replace("int", "float"), CODE.replace("x * ", "x / ")],
)
def test_what_says_something(tmp_path, other):
    assert changed(tmp_path, "net.py", CODE, other)


def test_the_text_of_an_error_changes_nothing_but_its_condition_does(tmp_path):
    code = "def f(x):\n    if x > 1:\n        raise ValueError(f'{x}: too large')\n"
    assert not changed(tmp_path, "net.py", code, code.replace("too large", "larger than one"))
    assert changed(tmp_path, "net.py", code, code.replace("x > 1", "x > 2"))


def test_imports_are_followed_wherever_they_stand(tmp_path):
    """Relative ones, ones inside functions, ones of a file beside it; not those that only a type checker sees."""
    package = tmp_path / "mine"
    package.mkdir()
    texts = {
        "__init__": "",
        "net": "from . import a\nfrom .b import B\nfrom typing import TYPE_CHECKING\n"
        "def f():\n    import c\nif TYPE_CHECKING:\n    from . import d\n",
        "a": "A = 1", "b": "B = 1", "c": "C = 1", "d": "D = 1", "e": "E = 1",
    }  # fmt: skip
    for name, text in texts.items():
        (package / f"{name}.py").write_text(text)
    entry = str(package / "net.py")
    fingerprints.clear()
    before = fingerprints.sources(entry)
    assert {path.rsplit("/", 1)[1] for path in before} == {"__init__.py", "net.py", "a.py", "b.py", "c.py"}
    for name, seen in {"a": True, "b": True, "c": True, "d": False, "e": False}.items():
        (package / f"{name}.py").write_text(f"{name.upper()} = 2")
        fingerprints.clear()
        after = fingerprints.sources(entry)
        assert (after != before) == seen, name
        before = after


def test_a_relative_import_inside_the_package_is_followed(source):
    (source / "hitsr" / "networks" / "mine.py").write_text(
        "from .blocks import windows\nfrom ..data.patches import ORDER\n"
    )
    found = fingerprints.sources("hitsr.networks.mine")
    assert {"hitsr/networks/mine.py", "hitsr/networks/blocks/windows.py", "hitsr/data/patches.py"} <= found.keys()


@pytest.mark.parametrize(
    ("file", "old", "new", "users"),
    [
        ("hitsr/networks/blocks/correlation.py", "# ", "# ", set()),
        ("hitsr/networks/blocks/correlation.py", '"""S-SC: each token', '"""Every token', set()),
        (
            "hitsr/networks/blocks/correlation.py",
            "/ query.shape[1]",
            "/ (query.shape[1] + 1)",
            {"HiT-SIR", "HiT-SNG", "HiT-SRF"},
        ),
        ("hitsr/networks/blocks/attention.py", "** -0.5", "** -0.4", {"SwinIR-Light", "SwinIR-NG", "SRFormer-Light"}),
        ("hitsr/networks/blocks/ngram.py", "** -0.5", "** -0.4", {"SwinIR-NG", "HiT-SNG"}),
        ("hitsr/networks/hit_sng.py", "pad_windows=2", "pad_windows=1", {"HiT-SNG"}),
        ("baselines/elan_light/multiscale.py", "softmax(dim=-1)", "softmax(dim=1)", {"ELAN-Light"}),
        (
            "hitsr/optimized/correlation.py",
            "/ query.shape[1]",
            "/ (query.shape[1] + 1)",
            {"HiT-SIR", "HiT-SNG", "HiT-SRF"},
        ),
        ("hitsr/optimized/attention.py", "** -0.5", "** -0.4", {"SwinIR-Light", "SwinIR-NG", "SRFormer-Light"}),
        ("hitsr/optimized/streaming/bands.py", "halo", "border", set()),
        ("hitsr/optimized/allocator.py", "32 * 2**20", "16 * 2**20", set()),
        ("hitsr/training/loss.py", "F.l1_loss(", "F.mse_loss(", set(NETWORKS)),
        ("hitsr/checkpoints/stored.py", "MASK_SIZE = 64", "MASK_SIZE = 32", set()),
        ("hitsr/report/cells.py", "BEST, SECOND = 1, 2", "BEST, SECOND = 2, 1", set()),
    ],
)
def test_what_a_change_reaches(source, file, old, new, users):
    def digests():
        fingerprints.clear()
        entries = {name: registry.network_module(name) for name in NETWORKS}
        return {name: fingerprints.source_digest("hitsr.training.run", module) for name, module in entries.items()}

    before = digests()
    path = source / file
    text = path.read_text()
    if users or old != new:
        assert old in text
    path.write_text(text.replace(old, new) + "\n# a remark\n")
    after = digests()
    assert {name for name in NETWORKS if before[name] != after[name]} == users


def test_fingerprints_do_not_import_torch():
    code = "import sys, hitsr.configuration, hitsr.configuration.steps; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
