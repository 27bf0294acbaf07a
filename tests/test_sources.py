"""Source digests: a changed comment changes nothing, a changed line what uses it."""

import subprocess
import sys

import pytest
from conftest import ROOT

from hitsr.networks.registry import NETWORKS
from hitsr.results import fingerprints as sources


@pytest.fixture
def copy_of_source(tmp_path, monkeypatch):
    for package in ("hitsr", "baselines"):
        for path in (ROOT / package).rglob("*.py"):
            target = tmp_path / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text())
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    yield tmp_path
    clear()


def clear():
    for cached in (sources.source_digest, sources._tree, sources._meaning, sources._imports):
        cached.cache_clear()


def digests():
    clear()
    return {name: sources.source_digest("hitsr.training.run", entry.split(":")[0]) for name, entry in NETWORKS.items()}


@pytest.mark.parametrize(
    ("file", "old", "new", "users"),
    [
        ("hitsr/networks/blocks/correlation.py", "# ", "# ", set()),
        ("hitsr/networks/blocks/correlation.py", '"""The same, re-associated', '"""Faster, re-associated', set()),
        (
            "hitsr/networks/blocks/correlation.py",
            "/ query.shape[1]",
            "/ (query.shape[1] + 1)",
            {"HiT-SIR", "HiT-SNG", "HiT-SRF"},
        ),
        ("hitsr/networks/blocks/attention.py", "** -0.5", "** -0.4", {"SwinIR-Light", "SwinIR-NG", "SRFormer-Light"}),
        ("hitsr/networks/blocks/ngram.py", "** -0.5", "** -0.4", {"SwinIR-NG", "HiT-SNG"}),
        ("hitsr/networks/hit_sng.py", "pad_windows=2", "pad_windows=1", {"HiT-SNG"}),
        ("hitsr/networks/blocks/multiscale.py", "softmax(dim=-1)", "softmax(dim=1)", {"ELAN-Light"}),
        ("hitsr/training/trainer.py", "F.l1_loss(", "F.mse_loss(", set(NETWORKS)),
        ("hitsr/networks/official.py", "MASK_SIZE = 64", "MASK_SIZE = 32", set()),
        ("hitsr/report/cells.py", "BEST, SECOND = 1, 2", "BEST, SECOND = 2, 1", set()),
    ],
)
def test_what_a_change_reaches(copy_of_source, file, old, new, users):
    before = digests()
    path = copy_of_source / file
    text = path.read_text()
    if users or old != new:
        assert old in text
    path.write_text(text.replace(old, new) + "\n# a remark\n")
    after = digests()
    assert {name for name in NETWORKS if before[name] != after[name]} == users


def test_digests_do_not_import_torch():
    code = "import sys, hitsr.configuration, hitsr.results.dependencies; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
