"""Claims about cost: sizes, times and memory, how they grow, and on which device."""

import dataclasses

import pytest
from judging import IDEAL

from hitsr.analysis import claims
from hitsr.analysis.exponents import exponent
from hitsr.report import tables


def test_a_claim_about_an_a100_is_judged_on_an_a100(judged):
    """Another GPU has a verdict of its own, which names it; a processor has none."""
    run = judged(
        {"report": {"tables": ["efficiency"], "figures": []}, "ablations": {}},
        dataclasses.replace(IDEAL, device="NVIDIA L4"),
    )
    found = run.judge()
    assert found["faster-as-published"].verdict == "undecided"
    assert "timed on NVIDIA L4, by the paper on an A100" in found["faster-as-published"].missing
    own = found["faster-as-published@nvidia-l4"]
    assert own.verdict == "holds" and own.claim.startswith("On NVIDIA L4, not the paper's: ") and not own.of_the_paper
    assert claims.summary(list(found.values())).count("hold") == 2
    on_cpu = run.again(lambda c: {**c, "provenance": {**c["provenance"], "device": "cpu"}}, "latency")
    assert on_cpu["faster-as-published"].verdict == "undecided"
    assert not [key for key in on_cpu if key.startswith("faster-as-published@")]


def test_sizes_of_reduced_networks_are_not_the_papers(judged):
    """Without counts at the published size, a reduced network says nothing about parameters."""
    small = {"options": {"dim": 32, "heads": 2}}
    quick = {"report": {"tables": ["complexity"], "figures": []}, "ablations": {}}
    methods = {"SwinIR-Light": small, "HiT-SIR": small}
    finding = judged({**quick, "methods": methods}).judge()["fewer-parameters"]
    assert finding.verdict == "undecided" and "HiT-SIR" in finding.missing[0]

    def counted(content: dict) -> dict:
        size = 700 if content["method"] == "HiT-SIR" else 1100
        return {**content, "rows": [*content["rows"], {"quantity": "parameters_published_size", "value": size}]}

    finding = judged({**quick, "methods": methods}).again(counted, "complexity")["fewer-parameters"]
    assert finding.claim.startswith("At published size") and finding.results[0].text.endswith("(0.7 / 1.1 K)")
    assert finding.conditions[1] == (
        "networks of published size, counted beside the reduced ones of this run (HiT-SIR, SwinIR-Light)"
    )


def test_speed_by_the_paper_by_others_and_here(ideal):
    run, _ = ideal
    rows = [[cell.text for cell in row] for row in tables.make("elsewhere", run.simulation.table, run.config).rows]
    of_hit = {row[2]: row[3:6] for row in rows if row[0] == "HiT-SIR"}
    assert of_hit["the paper"] == ["A100", "249", "7.6×"]
    assert of_hit["here, reference"][0].startswith("NVIDIA A100") and of_hit["here, reference"][2].startswith("7.")
    with_srf = {**run.config["methods"], "HiT-SRF": {**run.config["methods"]["HiT-SIR"], "baseline": "SRFormer-Light"}}
    made = tables.make("elsewhere", run.simulation.table, {**run.config, "methods": with_srf})
    (esc,) = ([cell.text for cell in row] for row in made.rows if row[2].text.startswith("ESC"))
    assert esc[4:] == ["268.1", "5.4×", "1804"]


def test_exponents_of_powers():
    import pandas as pd

    rows = pd.DataFrame({"input": ["4x4", "8x8", "16x16", "32x32"], "value": [99, 64**1.5, 256**1.5, 1024**1.5]})
    rows["quantity"] = "operator_macs"
    found = exponent(rows)
    assert found.value == pytest.approx(1.5) and found.interval() == (found.value, found.value)
    assert exponent(rows.iloc[:2]) is None
