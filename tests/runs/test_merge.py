"""Runs of several machines as one: what is joined, what stands apart, what is refused, and what is kept as it was."""

import shutil

import made_runs
import pytest
from made_runs import SIR, TRAIN, Maker, finish
from typer.testing import CliRunner

from hitsr.analysis import measurements, timings
from hitsr.analysis.runs import merging, sources
from hitsr.cli import app
from hitsr.configuration import resolve
from hitsr.configuration.joining import joined
from hitsr.errors import ConfigError, ResultError
from hitsr.report import tables
from hitsr.results.layout import Layout

PSNR = [30.0, 31.0, 32.0, 33.0, 34.0, 35.0]
REPORT = {"tables": ["main", "efficiency"], "figures": []}


def machine(folder, seeds: dict[int, float], cpu: str = "A Processor", latency: float = 10.0, train=TRAIN, **more):
    """A run of Bicubic and HiT-SIR with some seeds, each shifted by some dB."""
    run = Maker(folder, hardware={**made_runs.HARDWARE, "cpu": cpu}, **more)
    run.scored("Bicubic", [28.0] * 6, train=None, seed=min(seeds))
    for seed, shift in seeds.items():
        run.scored("HiT-SIR", [value + shift for value in PSNR], train=train, seed=seed)
    run.counted("HiT-SIR", 1000)
    run.timed({"HiT-SIR": latency})
    methods = {"Bicubic": {}, "HiT-SIR": {"options": SIR["options"]}}
    run.config |= {
        "methods": methods, "seeds": list(seeds), "report": REPORT, "latency": {"input": [80, 45]},
        "datasets": {"training": {"folder": "x"}, "photographs": {"folder": "y"}}, "training_set": "training",
    }  # fmt: skip
    return run


def merge(*given, into: str = "both", rename=()):
    found = sources.opened([str(each) for each in given], rename)
    configs = {each.label: resolve(each.run.config) for each in found}
    return merging.merge(found, into, joined(into, configs, {each.label: each.renamed for each in found}))


def table_of(merged):
    return measurements.read(merged.layout.measurements)


def test_seeds_of_two_machines_are_one_mean_and_the_same_seed_stands_apart(tmp_path, monkeypatch):
    one = finish(machine(tmp_path / "one", {0: 0.0, 1: 0.1}), monkeypatch)
    two = finish(machine(tmp_path / "two", {1: 0.7, 2: 0.2}, "Another Processor", 30.0), monkeypatch)
    monkeypatch.chdir(tmp_path)
    merged = merge(f"laptop={one}", f"server={two}")
    table = table_of(merged)
    psnr = table[table.quantity == "psnr"]
    assert sorted(psnr[psnr.method == "HiT-SIR"].seed.unique()) == [0, 1, 2]
    assert measurements.number(table, "psnr", method="HiT-SIR").value == pytest.approx(32.5 + 0.1)
    assert measurements.number(table, "psnr", method="HiT-SIR+at=server").value == pytest.approx(33.2)
    assert "HiT-SIR with seed 1 that server made" in merged.config["methods"]["HiT-SIR+at=server"]["note"]
    # an interpolation has no seed: measured twice with equal result, it is there once
    assert len(psnr[psnr.method == "Bicubic"]) == 6
    assert merged.agreed == ["Bicubic x2, seed 0: equal in laptop and server"]


def test_latency_is_grouped_by_device_and_one_device_stands_everywhere_else(tmp_path, monkeypatch):
    folders = [
        finish(machine(tmp_path / name, {seed: 0.0}, cpu, latency), monkeypatch)
        for seed, (name, cpu, latency) in enumerate((("one", "X", 10.0), ("two", "X", 30.0), ("three", "Y", 5.0)))
    ]
    monkeypatch.chdir(tmp_path)
    merged = merge(*(f"m{i}={folder}" for i, folder in enumerate(folders)))
    table = table_of(merged)
    assert measurements.devices(table) == ["X (m0)", "X (m1)", "Y"]
    assert measurements.number(table, "latency_median", method="HiT-SIR").value == 10.0
    grid = tables.make("efficiency", table, merged.config)
    latency = grid.headers.index("Latency (ms)")
    optimized = [row for row in grid.rows if row[3].text == "optimized"]
    assert [(row[0].text, row[latency].value) for row in optimized] == [("X (m0)", 10), ("X (m1)", 30), ("Y", 5)]


def test_every_file_is_kept_as_it_was_with_its_provenance(tmp_path, monkeypatch):
    one = finish(machine(tmp_path / "one", {0: 0.0}), monkeypatch)
    two = finish(machine(tmp_path / "two", {1: 0.0}, "Another", commit="feedbeef"), monkeypatch)
    monkeypatch.chdir(tmp_path)
    merged = merge(f"a={one}", f"b={two}")
    table = table_of(merged)
    for file in table.file.unique():
        path = made_runs.Path(file)
        label, rest = path.relative_to("results/both/from").parts[0], path.relative_to("results/both/from").parts[1:]
        assert path.read_bytes() == {"a": one, "b": two}[label].joinpath(*rest).read_bytes()
    origin = measurements.provenance_of(table).set_index("file")
    assert set(origin.commit) == {"0123456789abcdef", "feedbeef"}
    # a damaged file is refused, as in any run
    path = made_runs.Path(table[table.quantity == "psnr"].file.iloc[0])
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content.replace(b"28.0", b"29.0"))
    with pytest.raises(ResultError, match="changed since it was collected"):
        table_of(merged)


def test_collisions_are_refused_by_name(tmp_path, monkeypatch):
    one = finish(machine(tmp_path / "one", {0: 0.0}), monkeypatch)
    tuned = finish(machine(tmp_path / "tuned", {0: 0.0}, train={**TRAIN, "loss": "mse"}), monkeypatch)
    pixels = finish(machine(tmp_path / "pixels", {1: 0.0}, pixels=9), monkeypatch)
    counts = machine(tmp_path / "counts", {1: 0.0})
    counts.counted("HiT-SIR", 2000)
    counted = finish(counts, monkeypatch)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ResultError, match="HiT-SIR x2: a and b have different methods of this name .*loss: 'l1' -> 'mse'"
    ):
        merge(f"a={one}", f"b={tuned}")
    merged = merge(f"a={one}", f"b={tuned}", rename=["b:HiT-SIR=HiT-SIR-mse"])
    table = table_of(merged)
    assert {"HiT-SIR", "HiT-SIR-mse"} <= set(table.method)
    for name, folder, device in (("HiT-SIR", "a", "A Processor (a)"), ("HiT-SIR-mse", "b", "A Processor (b)")):
        latency = measurements.number(table, "latency_median", method=name, device=device)
        # files stay as they were, so that the rounds are those of the old name
        assert f"/from/{folder}/" in latency.files[0]
        assert len(timings.of_number(latency, merged.config, name, "optimized").milliseconds) == 7
    with pytest.raises(ResultError, match="test set photographs x2: a and b have other high-resolution images"):
        merge(f"a={one}", f"b={pixels}")
    with pytest.raises(ResultError, match="parameters of HiT-SIR x2: 1000 in .*, 2000 in b"):
        merge(f"a={one}", f"b={counted}")
    Layout("mine").results.mkdir(parents=True)
    with pytest.raises(ResultError, match="is a run that was measured here"):
        merge(f"a={one}", f"b={tuned}", into="mine", rename=["b:HiT-SIR=HiT-SIR-mse"])
    with pytest.raises(ResultError, match="was merged of several runs"):
        merge(f"a={one}", "both", into="again")


def test_what_is_no_source_is_said(tmp_path, monkeypatch):
    one = finish(machine(tmp_path / "one", {0: 0.0}), monkeypatch)
    for given, rename, message in (
        ([f"a={one}"], (), "at least two"),
        ([f"a={one}", f"a={one}"], (), "two runs are called a"),
        ([f"a={one}", f"b={one}"], ("c:HiT-SIR=X",), "expected LABEL:OLD=NEW, with a label of a, b"),
        ([f"a={one}", f"b={one}"], ("b:HiT=X",), "b has no method 'HiT'; there are Bicubic, HiT-SIR"),
        ([f"a={one}", f"b={one}"], ("b:HiT-SIR=a/b",), "is no name of a method"),
    ):
        with pytest.raises(ConfigError, match=message):
            sources.opened(given, rename)
    other = machine(tmp_path / "two", {0: 0.0})
    other.config["latency"] = {"input": [160, 90]}
    finish(other, monkeypatch)
    with pytest.raises(ConfigError, match=r"latency.input: \[80, 45\] in one, \[160, 90\] in two"):
        merge(one, tmp_path / "two")


def test_the_verb_writes_a_report(tmp_path, monkeypatch):
    folders = [
        finish(machine(tmp_path / name, {seed: 0.1 * seed}, cpu), monkeypatch)
        for seed, (name, cpu) in enumerate((("one", "X"), ("two", "Y")))
    ]
    shutil.rmtree(folders[1].parent.parent / "photographs")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["merge", *map(str, folders), "--into", "both"], catch_exceptions=False)
    assert done.exit_code == 0 and "written: reports/both/report.html" in done.output
    assert "left out: crops: the super-resolved images of Bicubic, HiT-SIR were not copied" in done.output
    page = (tmp_path / "reports/both/report.html").read_text()
    assert "hitsr merge" in page or "pytest" in page
    assert "HiT-SIR" in (tmp_path / "reports/both/tables/main.md").read_text()
    # merged anew, an earlier merge gives way
    assert CliRunner().invoke(app, ["merge", *map(str, folders), "--into", "both"]).exit_code == 0
