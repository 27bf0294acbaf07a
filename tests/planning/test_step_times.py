"""Step times: measured, remembered, measured again when something changed, and given."""

import json

import pytest
from planned import RAW

from hitsr.configuration import resolve
from hitsr.errors import ConfigError
from hitsr.planning import steps as module
from hitsr.planning.given import given
from hitsr.planning.steps import Step, steps
from hitsr.planning.workload import Work

WORK = Work("HiT-SIR", json.dumps({"dim": 16, "depths": [2], "heads": 2, "window_ratios": [0.5, 1]}), 8, 16, 1, "cpu")


def test_a_step_is_measured_once_and_remembered(tmp_path, monkeypatch):
    cache = tmp_path / "steps.json"
    first = steps([WORK], 2, cache=cache)[WORK]
    assert first.seconds > 0 and first.memory > 0 and first.patches == 2 and not first.gpu
    record = json.loads(cache.read_text())["steps"]
    (entry,) = record.values()
    assert (
        entry["provenance"]["hardware"]["cpu"]
        and entry["provenance"]["source_digest"]
        and entry["work"]["batch_size"] == 8
    )

    asked = []
    monkeypatch.setattr(module, "_ask", lambda work, scale, patches: asked.append(patches) or (0.5, 100.0))
    assert steps([WORK], 2, cache=cache)[WORK] == first and not asked
    # two of eight patches, scaled linearly
    assert steps([WORK], 2, again=True, cache=cache)[WORK].seconds == 2.0
    assert steps([WORK], 2, cache=cache)[WORK].memory == 400.0 and asked == [2]


def test_what_a_step_depends_on_is_measured_anew(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "_ask", lambda work, scale, patches: asked.append(work) or (0.5, 100.0))
    cache = tmp_path / "steps.json"
    other = Work(**{**WORK.__dict__, "batch_size": 1})
    steps([WORK, other], 2, cache=cache)
    assert asked == [WORK, other] and steps([other], 2, cache=cache)[other].seconds == 0.5
    monkeypatch.setattr(module, "_source", lambda work: "another")
    steps([WORK], 2, cache=cache)
    assert asked == [WORK, other, WORK]
    cache.write_text("{")
    steps([other], 2, cache=cache)
    assert asked == [WORK, other, WORK, other], "a cache that cannot be read is measured again"


def test_given_times_stand_for_variants_and_controls_too():
    config = resolve(RAW)
    found = given(config, None, ["SwinIR-Light=0.5", "HiT-SIR=0.25"])
    assert found["SwinIR-Light+recipe=hit"].seconds == 0.5
    assert found["HiT-SIR+windows=fixed8"].seconds == 0.25
    assert given(config, None, []) == {}


def test_a_table_of_times(tmp_path):
    path = tmp_path / "times.csv"
    path.write_text(
        "method,step_seconds,memory_mib,device,other\nSwinIR-Light,0.5,100,A Card,x\nHiT-SIR,0.25,,A Card,\n"
    )
    found = given(resolve(RAW), path, ["HiT-SIR=0.125"])
    assert found["SwinIR-Light"] == Step(0.5, 100.0, "A Card", True, 0)
    assert found["HiT-SIR"].seconds == 0.125


@pytest.mark.parametrize(
    ("pairs", "table", "words"),
    [
        (["HiT-SIR=fast"], None, "--step-time HiT-SIR=fast: expected METHOD=SECONDS"),
        (["0.5"], None, "not a network of this run"),
        (["HiT-SIX=1"], None, "HiT-SIX: not a network of this run.*HiT-SIR"),
        (["HiT-SIR=0"], None, "more than 0 s"),
        (["HiT-SIR=1"], None, "no step time given for SwinIR-Light.*do not add up"),
        ([], "method,seconds\nHiT-SIR,1\n", "no column 'step_seconds'"),
        ([], "method,step_seconds\nHiT-SIR,fast\n", "HiT-SIR: found 'fast'"),
        ([], "", "not a readable CSV file"),
    ],
)
def test_times_that_cannot_be_used(tmp_path, pairs, table, words):
    path = tmp_path / "times.csv"
    if table is not None:
        path.write_text(table)
    with pytest.raises(ConfigError, match=words):
        given(resolve(RAW), path if table is not None else None, pairs)
