"""Verdicts of made-up runs whose truth is known: what they decide, what is left open, and how they are told."""

import dataclasses

import numpy as np
import pytest
from judging import IDEAL, Truth, null, ours

from hitsr.analysis import claims
from hitsr.analysis.run import Run
from hitsr.report import claims as card
from hitsr.report import tables

DECIDED = (
    "fewer-parameters", "fewer-flops", "faster-as-published", "faster-like-for-like", "less-memory",
    "linear-in-window", "quadratic-attention", "linear-in-window-time", "linear-in-window-memory",
    "linear-in-window-time-optimized", "linear-in-window-memory-optimized",
    "expanding-windows", "larger-receptive-field", "urban100", "urban100-ssim", "set5", "set14", "faster-convergence",
)  # fmt: skip


def test_a_run_of_the_papers_conditions_decides(ideal):
    _, found = ideal
    for key in DECIDED:
        assert found[key].verdict == "holds", (key, found[key])
        assert not found[key].missing and found[key].sources and found[key].rule.sentence
    for key in ("dual-features", "manga109", "b100"):
        assert found[key].verdict == "undecided" and "not in this run" in found[key].missing[0]
    assert found["fewer-parameters"].number == ("HiT-SIR / SwinIR-Light ×2: 0.889 (800.0 / 900.0 K)", "counted, exact")
    assert "A100" in found["faster-as-published"].conditions[0]
    assert "TF32 products off" in found["faster-as-published"].conditions
    assert "95% over 3 trainings and 100 images" in found["urban100"].number.interval


def test_the_contrary_does_not_hold(judged):
    worse = Truth(
        gain=lambda method, *_: 0.0 if ours(method) else 0.5,
        speed=lambda method, scale: 3.0 if ours(method) else 1.0,
        memory=lambda method: 1500.0 if ours(method) else 1000.0,
        size=lambda method: 950e3 if ours(method) else 900e3,
        exponents=lambda operator, quantity: 1.0 if operator == "W-SA" else 2.0,
        rate=lambda method, dataset: 1.0 if ours(method) else 2.2,
    )
    run = judged(truth=worse)
    found = run.judge(run.simulation.draw(worse, np.random.default_rng(1)))
    for key in DECIDED:
        assert found[key].verdict == "does not hold", (key, found[key])


def test_under_the_null_claims_hold_in_at_most_one_of_twenty_runs(ideal):
    """Trainings, images, rounds and curves drawn anew; the long form is `python benchmarks/verdicts.py`."""
    run, _ = ideal
    random, runs, truth = np.random.default_rng(3), 15, null(6.5)
    wanted = ("urban100", "urban100-ssim", "set5", "expanding-windows", "larger-receptive-field", "faster-convergence")
    known = {key: run.known[key] for key in wanted}
    holds = dict.fromkeys(wanted, 0)
    for _ in range(runs):
        drawn = Run(run.simulation.draw(truth, random), run.config)
        for key, claim in known.items():
            holds[key] += claims.findings_of(key, claim, drawn)[0].verdict == "holds"
    # 4 of 15 has a chance below 1 % where that of one is 5 %
    assert max(holds.values()) <= 3, holds


def test_what_is_open_says_what_it_would_take(ideal):
    """Published differences, 0.26 dB for HiT-SIR, and the trainings that would find one."""
    run, _ = ideal
    truth = dataclasses.replace(null(6.5), scatter=0.2)
    finding = run.judge(run.simulation.draw(truth, np.random.default_rng(5)))["urban100"]
    assert finding.verdict == "undecided" and "interval contains 0" in finding.missing[0]
    (power,) = finding.power
    assert power.published == pytest.approx(0.26) and power.least > 0.26 and power.needed[0] > 3
    assert "the paper prints +0.26, which " in power.sentence and " trainings of each would find" in power.sentence


def test_the_table_of_power_has_every_comparison(ideal):
    run, _ = ideal
    table = run.simulation.draw(IDEAL, np.random.default_rng(5))
    rows = {(row[0].text, row[1].text): row for row in tables.make("power", table, run.config).rows}
    row = rows["urban100", "HiT-SIR − SwinIR-Light ×2"]
    assert row[2].value == 3 and row[3].value > 0.3 and 0.02 < row[4].value < 0.3 and row[5].text == "+0.260"
    assert ("expanding-windows", "HiT-SIR − HiT-SIR+windows=fixed8 ×2") in rows


def test_the_card(ideal):
    run, found = ideal
    text = card.as_markdown(list(found.values()), "full")
    assert text.startswith(f"**{claims.summary(list(found.values()))}** (run full)")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == len(found) + 2 and len({row.count("|") for row in rows}) == 1
    assert "holds if its whole 95% interval over trainings and images is above 0" in text
