"""What a run can decide, said before it starts: from its configuration alone, and as the judge then decides."""

import yaml
from conftest import ROOT

from hitsr.configuration import resolve
from hitsr.planning import decidable

PAPER = yaml.safe_load((ROOT / "config" / "paper.yaml").read_text())


def test_the_flagship_can_decide_all_that_it_is_to_decide():
    found = decidable.decidable(resolve(PAPER))
    able = {one.claim for one in found if not one.lacks}
    assert able == set(PAPER["report"]["claims"]) and decidable.share(found) == f"{len(able)} of {len(found)}"
    (sentence,) = decidable.findable(found)
    assert "from 0.061 dB if trainings scatter by 0.02 dB, from 0.123 dB if by 0.04 dB" in sentence


def test_what_a_run_lacks():
    poor = {"seeds": [0, 1], "latency": {}, "watched_sets": [], "ablations": {}}
    config = resolve({**PAPER, **poor, "report": {"tables": ["main", "efficiency"], "figures": ["training"]}})
    lacks = {one.claim: one.lacks for one in decidable.decidable(config)}
    for claim, words in (
        ("urban100", "2 of 3 seeds"),
        ("faster-as-published", "latency.input is not [640, 360]; latency.implementations lacks reference"),
        ("faster-convergence", "Urban100 is not watched"),
        ("dual-features", "not in the run: HiT-SIR+features=linear"),
        ("linear-in-window", "not measured"),
    ):
        assert words in lacks[claim]
    assert not lacks["fewer-parameters"]
