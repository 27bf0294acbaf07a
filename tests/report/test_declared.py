"""Declared costs: shown with a mark, and never as if they had been measured."""

import made_up
import pandas as pd
import pytest
from made_up import MEASUREMENTS, RAW

from hitsr.analysis import measurements
from hitsr.configuration import resolve
from hitsr.networks.discovery import discover
from hitsr.report.figures import tradeoff
from hitsr.report.formats.spreadsheet import as_csv
from hitsr.report.tables import efficiency, main

DECLARED = {"source": "Table 2 of its paper", "parameters": 1000, "macs": {"2": 10**9}}
"""Less than any network of the run was counted to have."""


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The made-up run, with ready images that score what HiT-SRF does, which is best."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = made_up.project(tmp_path_factory.mktemp("project"), monkeypatch)
        found = measurements.read(folder / MEASUREMENTS)
        same = found[(found.method == "HiT-SRF") & found.quantity.isin(["psnr", "ssim"])]
        yield pd.concat([found, same.assign(method="Ready")], ignore_index=True)


def config(**declared: object) -> dict:
    ready = {"images": "{dataset}/{image}.png", "declared": {**DECLARED, **declared}}
    return resolve({**RAW, "methods": {**RAW["methods"], "Ready": ready}})


def row_of(grid, method: str) -> dict:
    found = next(row for row in grid.rows if row[0].text == method)
    return dict(zip(grid.headers, found, strict=True))


@pytest.mark.parametrize("made", [main, efficiency])
def test_tables_mark_them_with_their_source(table, made):
    grid = made.make(table, config())
    row = row_of(grid, "Ready")
    assert (row["#Params (K)"].text, row["FLOPs (G)"].text) == ("1.0‡", "1.00‡")
    # no value to be ranked, averaged or taken out of the CSV for a measured one
    assert {row[name].value for name in ("#Params (K)", "FLOPs (G)")} == {None}
    assert "1.0‡" in as_csv(grid)
    assert "‡: declared by the authors of Ready, not measured: Table 2 of its paper." in grid.notes
    assert row_of(grid, "HiT-SIR")["#Params (K)"].value == pytest.approx(772.064)


def test_multiply_adds_for_another_output_are_left_out(table):
    grid = main.make(table, config(output=[640, 360]))
    row = row_of(grid, "Ready")
    assert (row["#Params (K)"].text, row["FLOPs (G)"].text) == ("1.0‡", "–")
    assert any("are declared for a 640×360 output, and left out" in note for note in grid.notes)


def test_the_tradeoff_shows_them_hollow_and_the_front_passes_them_over(table):
    axes = tradeoff.draw(table, config()).axes
    by_parameters, by_latency = axes[0], axes[2]
    hollow = [points for points in by_parameters.collections if not len(points.get_facecolor())]
    assert [tuple(points.get_offsets()[0]) for points in hollow] == [(1.0, 32.25)]
    assert not [points for points in by_latency.collections if not len(points.get_facecolor())]
    front = by_parameters.lines[-1]
    assert front.get_xdata()[0] == pytest.approx(772.064)


def test_a_folder_of_a_program_declares_and_one_of_a_network_may_not(tmp_path):
    for name, key in (("program", "rules: r.smk"), ("network", "network: n.py:N")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "method.yaml").write_text(f"{key}\ndeclared: {{source: its paper, parameters: 5}}\n")
        for file in ("r.smk", "n.py"):
            (folder / file).touch()
    found = discover([tmp_path])
    assert found.methods["program"]["declared"]["parameters"] == {"2": 5, "3": 5, "4": 5}
    assert "declared: is for external programs only" in found.broken["network"]
