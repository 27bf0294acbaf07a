"""The check of printed tables: it finds the misprint of Table 2 and any like it, and nothing else."""

import numpy as np
import pytest

from hitsr.analysis import published
from hitsr.analysis.plausibility import doubts
from hitsr.configuration import resolve
from hitsr.report.cells import BEST
from hitsr.report.tables import printed


@pytest.fixture
def clean():
    """Table 2 without its misprint."""
    table = published.table2().copy()
    table.loc[("GASSL-B", 4), "urban100_psnr"] = 26.16
    return table


def test_the_misprint_of_table_2_is_the_only_doubt():
    assert [(d.method, d.scale, d.column, d.value) for d in doubts(published.table2())] == [
        ("GASSL-B", 4, "urban100_psnr", 36.16)
    ]


def test_no_false_alarm(clean):
    assert doubts(clean) == []


@pytest.mark.parametrize("seed", range(20))
def test_any_wrong_leading_digit_is_found(clean, seed):
    """A unit or ten of dB, a tenth of SSIM: at whatever place of the table it stands."""
    random = np.random.default_rng(seed)
    column = random.choice([name for name in clean.columns if name.endswith(("psnr", "ssim"))])
    method, scale = clean.index[random.integers(len(clean))]
    if np.isnan(clean.loc[(method, scale), column]):
        return
    step = random.choice([10, 1, -1, -10]) / (1 if column.endswith("psnr") else 100)
    clean.loc[(method, scale), column] += step
    assert (method, scale, column) in [(d.method, d.scale, d.column) for d in doubts(clean)]


def test_the_printed_table_does_not_crown_it():
    grid = printed.make(None, resolve({"scales": [4], "report": {"tables": ["printed"], "figures": []}}))
    column = grid.headers.index("Urban100 PSNR")
    cells = {row[0].text: row[column] for row in grid.rows}
    assert cells["GASSL-B"].text == "36.16†" and cells["GASSL-B"].rank == 0
    assert [name for name, cell in cells.items() if cell.rank == BEST] == ["HiT-SRF"]
    assert any("GASSL-B ×4, PSNR 36.16 on Urban100" in note for note in grid.notes)
