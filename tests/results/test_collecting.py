"""Only what the present configuration and code would make is collected; anything else is refused by name."""

import copy
import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from hitsr.configuration import read_yaml, resolve
from hitsr.configuration.steps import Steps
from hitsr.errors import ResultError
from hitsr.planning import why
from hitsr.results.collecting import refusal, run
from hitsr.results.layout import Layout
from hitsr.results.records import read_record, write_record
from hitsr.results.settings import Given
from hitsr.results.stale import changed_files, changed_keys

LAYOUT = Layout("demo")
CONFIG = read_yaml(ROOT / "config" / "config.yaml")


def steps(**train) -> Steps:
    """The demo with two networks and nothing but their histories."""
    methods = {"SwinIR-Light": {}, "HiT-SIR": {}}
    report = {"tables": [], "figures": ["training"]}
    return Steps(resolve({**CONFIG, "methods": methods, "ablations": {}, "train": {**CONFIG["train"], **train},
                          "attribution": {}, "latency": {}, "report": report}))  # fmt: skip


@pytest.fixture
def made(tmp_path, monkeypatch) -> Steps:
    """A run of made-up histories."""
    monkeypatch.chdir(tmp_path)
    own = steps()
    for path, expected in own.make("collect").files.items():
        if expected.collected:
            rows = [{"quantity": "loss", "unit": "", "value": 1.0, "iteration": 20}]
            step = own.make(expected.step, **expected.identity) if expected.step == "train" else own.make(expected.step)
            identity = {"kind": "training" if expected.step == "train" else "leaks", **expected.identity}
            write_record(Path(path), {**identity, "rows": rows, "provenance": step.origin})
    return own


def history(method: str) -> Path:
    return LAYOUT.history(method, 2, 0)


def test_what_is_as_configured_is_collected(made):
    run(made.make("collect"), LAYOUT.measurements)
    assert LAYOUT.measurements.read_text().count("HiT-SIR") >= 1


def test_results_of_another_configuration_are_refused_by_name(made):
    other = steps(learning_rate=0.001).make("collect")
    with pytest.raises(ResultError, match=r"history.json: was made otherwise .*train.learning_rate: 0.002 -> 0.001"):
        run(other, LAYOUT.measurements)
    assert not LAYOUT.measurements.exists()


def test_they_are_marked_where_the_user_keeps_them(made, capsys):
    other = steps(learning_rate=0.001).make("collect").model_copy(update={"keep_stale": True})
    run(other, LAYOUT.measurements)
    kept = read_record(LAYOUT.measurements.with_suffix(".json"))["kept"]
    assert kept[str(history("HiT-SIR"))] == ["train.learning_rate: 0.002 -> 0.001"]
    assert "kept: " in capsys.readouterr().err


def test_a_copy_of_another_result_is_refused(made):
    shutil.copy(history("SwinIR-Light"), history("HiT-SIR"))
    with pytest.raises(ResultError, match="holds method 'SwinIR-Light', expected 'HiT-SIR': it is a copy"):
        run(made.make("collect"), LAYOUT.measurements)


def test_a_flipped_digit_is_refused(made):
    path = history("HiT-SIR")
    path.write_text(path.read_text().replace('"value": 1.0', '"value": 2.0'))
    with pytest.raises(ResultError, match=r"HiT-SIR.*history.json: was changed or damaged"):
        run(made.make("collect"), LAYOUT.measurements)


def test_weights_that_are_not_those_of_the_history_are_refused(made):
    path = history("HiT-SIR")
    write_record(path, {**read_record(path), "weights_sha256": "0" * 64})
    path.with_name("weights.safetensors").write_bytes(b"others")
    with pytest.raises(ResultError, match=r"weights.safetensors is not the file of that time"):
        run(made.make("collect"), LAYOUT.measurements)


def test_what_snakemake_has_forgotten_is_found(made):
    other = steps(learning_rate=0.001).make("collect")
    found = why.outdated(other)
    assert list(why.told(found)) == ["train.learning_rate: 0.002 -> 0.001  [train 2]"]
    assert len(why.forgotten(other, found, lambda path: None)) == 2
    now = other.files[str(history("HiT-SIR"))]
    touched = [repr(why.parameter(now.config_digest, now.source_digest))]
    assert len(why.forgotten(other, found, lambda path: touched if "HiT-SIR" in str(path) else ["'other'"])) == 1
    assert why.outdated(made.make("collect")) == []


@pytest.mark.parametrize(
    ("spoil", "why_"),
    [
        (lambda text: text.replace('"checksum"', '"sum"'), "it carries no checksum"),
        (lambda text: text.replace('"value": 1.0', '"value": 2.0'), "it was changed or damaged since it was written"),
        (lambda text: text[: len(text) // 2], "it is no readable result"),
    ],
    ids=["of an older version", "changed", "cut short"],
)
def test_a_record_that_cannot_be_trusted_does_not_stop_a_plan(made, spoil, why_):
    """It is among what is made again; only where nobody would make it again it is refused, by name."""
    path = history("HiT-SIR")
    path.write_text(spoil(path.read_text()))
    other = steps(learning_rate=0.001).make("collect")
    found = {each.path: each for each in why.outdated(other)}
    assert found[path].reasons[0].startswith(why_)
    assert why.forgotten(other, list(found.values()), lambda _: ["'made otherwise'"]) == []
    assert "delete it and run the same command again" in str(refusal([found[path]]))
    with pytest.raises(ResultError, match="HiT-SIR.*history.json: .* run the same command again"):
        run(made.make("collect"), LAYOUT.measurements)


def test_what_is_rendered_says_in_words_why_it_is_made_again(made):
    """It has no record; the settings that it was given have what a record has."""
    given = Given(LAYOUT.settings, started=True)
    before = made.make("figure", name="training")
    given.path(before)
    remembered = [repr(why.parameter(before.digest, before.fingerprint))]
    assert list(why.redrawn(before, LAYOUT.settings, remembered)) == []
    assert list(why.redrawn(before, LAYOUT.settings, None)) == []
    config = copy.deepcopy(made.config)
    old, config["methods"]["HiT-SIR"]["colour"] = config["methods"]["HiT-SIR"]["colour"], "#123456"
    coloured = Steps(config).make("figure", name="training")
    assert list(why.redrawn(coloured, LAYOUT.settings, remembered)) == [
        f"config.methods.HiT-SIR.colour: {old!r} -> '#123456'"
    ]
    path = given.path(before)
    record = read_record(path)
    file = "hitsr/report/figures/training.py"
    write_record(path, {**record, "fingerprint": "0" * 12, "code": {**record["code"], file: "1" * 12}})
    assert list(why.redrawn(before, LAYOUT.settings, [repr(why.parameter(before.digest, "0" * 12))])) == [
        f"{file} changed"
    ]
    known = list(why.redrawn(before, LAYOUT.settings, [repr(why.parameter(before.digest, "2" * 12))]))
    assert known == ["the code that makes it changed"]


def test_differences_in_words():
    old, new = {"train": {"a": 1, "b": 2}, "contents": "x"}, {"train": {"a": 1, "b": 3}, "contents": "y", "c": None}
    assert list(changed_keys(old, new)) == ["the images changed", "train.b: 2 -> 3"]
    assert list(changed_files({"a.py": "1", "b.py": "1"}, {"a.py": "2", "c.py": "1"})) == [
        "a.py changed", "b.py is not used any more", "c.py is new",
    ]  # fmt: skip
