"""Entries of the catalogue of claims, and of plug-ins: they are complete, and a run measures what they take."""

from typing import get_args

import pytest
import yaml
from conftest import ROOT
from judging import ONE_PAIR, SMALL

from hitsr.analysis import evidence, requirements
from hitsr.configuration import claims as catalogue
from hitsr.configuration import measured_kinds, read_yaml, resolve
from hitsr.configuration.models.claims import Requirement, Test
from hitsr.errors import ConfigError


def test_every_requirement_that_a_claim_may_have_is_known():
    assert set(get_args(Requirement)) == set(requirements.REQUIREMENTS)
    assert set(get_args(Test)) == set(evidence.TESTS)
    known = read_yaml(ROOT / "hitsr" / "catalogs" / "ablations.yaml")
    pairs = [pair for claim in catalogue.claims().values() for pair in claim["pairs"]]
    named = {method for pair in pairs for method in pair if "+" in method}
    assert named <= {f"{axis['base']}+{name}={v}" for name, axis in known.items() for v in axis["variants"]}


@pytest.mark.parametrize("claim", catalogue.claims())
def test_every_claim_states_its_rule(claim):
    entry = catalogue.claims()[claim]
    assert entry["section"] and ("below" in entry) != ("at_least" in entry or entry["test"] == "paired")
    assert entry["test"] == "growth" or entry["pairs"]


def test_a_claim_is_an_entry_and_measures_what_it_takes(tmp_path):
    """A claim of a plug-in folder; those that a run is to decide are measured for it."""
    quiet = {**SMALL, "report": {"tables": [], "figures": []}, "ablations": {}}
    assert measured_kinds(resolve(quiet)) == []
    for name, kind in (
        ("fewer-flops", "complexity"), ("faster-as-published", "latency"), ("linear-in-window", "attention_cost"),
        ("larger-receptive-field", "attribution"), ("faster-convergence", "training"), ("urban100", "quality"),
    ):  # fmt: skip
        shown = {**quiet, "report": {**quiet["report"], "claims": [name]}}
        assert measured_kinds(resolve(shown))[0] == kind
    said = {"claim": "Less memory.", "section": "nowhere", "where": {"implementation": "optimized"}}
    test = {"test": "ratio", "quantity": "peak_memory", "pairs": ONE_PAIR, "below": 1}
    mine = {"mine": {**said, **test}}
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(mine))
    given = {**quiet, "plugins": [str(tmp_path)]}
    config = resolve({**given, "report": {**quiet["report"], "claims": ["mine"]}})
    assert measured_kinds(config) == ["latency"] and "mine" in catalogue.claims(config["plugins"])
    for claim, words in (
        ("main", r"config.report.claims.0: unknown claim 'main'; did you mean 'mine'"),
        (
            "expanding-windows",
            r"is about HiT-SIR and HiT-SIR\+windows=fixed8 or .* the run has not; .*ablations",
        ),
    ):
        with pytest.raises(ConfigError, match=words):
            resolve({**given, "report": {**quiet["report"], "claims": [claim]}})
    mine["mine"]["quantity"] = "peek_memory"
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(mine))
    catalogue._read.cache_clear()
    with pytest.raises(ConfigError, match="mine.quantity: unknown quantity 'peek_memory'; did you mean 'peak_memory'"):
        resolve({**given, "report": {**quiet["report"], "claims": ["mine"]}})
