"""Statistics against scipy, closed forms, published worked examples, and simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from hitsr.analysis import power
from hitsr.analysis.estimates import COVERAGE, Estimate, Exact, mean_of, ratio_form
from hitsr.analysis.evidence.base import interval_text
from hitsr.analysis.scores import Scores, difference, scatter
from hitsr.analysis.statistics import compare, corrected, holm
from hitsr.analysis.timings import Rounds, median, ratio
from hitsr.analysis.verdicts import Rule

ABOVE = Rule("a difference", "images", 0.0, above=True)


def test_holm_worked_example():
    """Four p-values sorted: 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1, never decreasing."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_keeps_the_chance_of_any_false_positive(random):
    """Of 2000 families of 5 true null hypotheses, about 5 % have a rejection."""
    families = [min(holm(list(random.uniform(size=5)))) < 0.05 for _ in range(2000)]
    assert np.mean(families) == pytest.approx(0.05, abs=0.015)


def test_one_training_is_students_t_over_images(random):
    gains = random.normal(0.1, 0.05, 40)
    found = difference({"set": Scores(gains[None], np.zeros((1, 40)))})
    assert found.interval() == pytest.approx(stats.t.interval(0.95, 39, gains.mean(), stats.sem(gains)))
    assert found.p() == pytest.approx(stats.ttest_1samp(gains, 0).pvalue)
    assert found.over == "40 images"


@pytest.mark.parametrize(
    ("places", "values", "shown"),
    [
        (2, [7.456, 7.1, 8.0], "7.46"),
        (2, [0.1234], "0.12"),
        (2, [0.0123], "0.012"),
        (2, [0.0999], "0.100"),
        (2, [0.15, 0.0123, 1.2], "0.150"),
        (1, [0.25], "0.25"),
        (1, [1234.5], "1234.5"),
        (3, [0.00001234], "0.000012"),
        (2, [0.0], "0.00"),
        (2, [math.inf], "inf"),
        (2, [math.nan, math.nan], "nan"),
    ],
)
def test_a_ratio_has_two_significant_digits_at_least(places, values, shown):
    assert format(values[0], ratio_form(places, *values)) == shown


def test_trainings_are_welchs_t_where_images_agree(random):
    """If every image gains the same, only chance in training is left."""
    ours, theirs = random.normal(0.1, 0.02, (3, 1)), random.normal(0, 0.05, (5, 1))
    base = random.normal(30, 2, (1, 20))
    found = difference({"set": Scores(ours + base, theirs + base)})
    expected = stats.ttest_ind(ours[:, 0], theirs[:, 0], equal_var=False)
    assert found.value == pytest.approx(ours.mean() - theirs.mean())
    assert found.p() == pytest.approx(expected.pvalue) and found.over == "3 trainings and 20 images"
    spread = scatter({"set": Scores(ours + base, theirs + base)})
    assert spread == pytest.approx(math.sqrt((2 * ours.var(ddof=1) + 4 * theirs.var(ddof=1)) / 6))


def test_seeds_that_disagree_separate_nothing(random):
    """All images agree, but one training differs from the next by more than the methods do."""
    base = random.normal(30, 2, 40)
    ours, theirs = base + np.array([[0.5], [-0.3], [0.1]]), base + np.array([[0.3], [-0.4], [0.2]])
    found = compare(Scores(ours + random.normal(0, 1e-3, 40), theirs))
    assert found.difference > 0 and not found.separated and found.why_not.startswith("p = 0.")


def test_small_sets_weigh_what_they_have(random):
    """Five images that point the other way are no veto over a hundred."""
    small, large = np.full((1, 5), -0.2) + random.normal(0, 0.1, (1, 5)), random.normal(0.3, 0.1, (1, 100))
    strata = {"Set5": Scores(small, np.zeros((1, 5))), "B100": Scores(large, np.zeros((1, 100)))}
    found = difference(strata)
    assert found.value == pytest.approx((small.sum() + large.sum()) / 105)
    assert found.interval()[0] > 0
    alone = difference({"one": Scores(np.ones((1, 1)), np.zeros((1, 1))), "B100": strata["B100"]})
    assert alone.error > 0, "an image alone in its set is not known without error"


def test_direction_is_that_of_the_interval():
    """80 images at -0.01 dB and 20 at +0.5: the mean gains, and what is separated gains."""
    gains = np.array([[-0.01] * 80 + [0.5] * 20])
    found = compare(Scores(gains, np.zeros((1, 100))))
    assert found.separated and found.low > 0 and ABOVE.decide([found.estimate]) == "holds"


def test_infinite_scores_are_equal_or_decide_nothing(random):
    """PSNR of an image that equals the original is infinite."""
    ours = random.normal(30, 1, (1, 12))
    theirs = ours - 0.5
    ours[0, 3] = theirs[0, 3] = math.inf
    found = compare(Scores(ours, theirs))
    assert found.difference == pytest.approx(0.5 * 11 / 12) and found.low < found.difference < found.high
    theirs[0, 3] = 30
    found = compare(Scores(ours, theirs))
    assert found.difference == math.inf and math.isnan(found.low) and not found.separated
    assert found.why_not == "a score is infinite"
    assert corrected({"a": found})["a"].why_not == "a score is infinite"


def test_correction_counts_what_could_not_be_tested_too(random):
    found = compare(Scores(np.array([[0.1, 0.3, 0.2, 0.25]]), np.zeros((1, 4))))
    one = compare(Scores(np.ones((1, 1)), np.zeros((1, 1))))
    many = corrected({0: found, 1: one, 2: one})
    assert many[0].p == pytest.approx(3 * found.p) and many[0].family == many[1].family == 3
    assert math.isnan(many[1].p) and many[1].why_not == "one image" and corrected({}) == {}
    assert interval_text(many[1].estimate, "+.2f") == "one image: no interval"


def test_equivalence_is_two_one_sided_tests(random):
    gains = random.normal(0.01, 0.05, 100)
    found = compare(Scores(gains[None], np.zeros((1, 100))))
    sides = [
        stats.ttest_1samp(gains, side, alternative=how).pvalue for side, how in ((-0.05, "greater"), (0.05, "less"))
    ]
    assert found.equivalent(0.05) == (max(sides) < 0.05) and found.equivalent(0.05)
    assert not found.equivalent(0.01) and not found.equivalent(None)


def test_a_claim_holds_beyond_the_bound_alone():
    sure, open_, against = (Estimate(v, 0.1, 10, "images") for v in (1.0, 0.1, -1.0))
    assert ABOVE.decide([sure, sure]) == "holds"
    assert ABOVE.decide([sure, open_]) == ABOVE.decide([sure, None]) == ABOVE.decide([]) == "undecided"
    assert ABOVE.decide([sure, open_, against]) == "does not hold"
    assert Rule("a ratio", "", 1, above=False).decide([Exact(0.9), Exact(1.0)]) == "undecided"


def test_a_true_claim_of_many_pairs_is_rarely_refused(random):
    """Twenty comparisons whose truth is on the bound: one beyond a plain interval is common, the wider ones are not."""
    refused = 0
    for _ in range(200):
        refused += ABOVE.decide([mean_of(v, "") for v in random.normal(0, 1, (20, 10))]) == "does not hold"
    assert refused <= 0.05 * 200


def test_ratio_of_medians_covers_the_truth(random):
    """Bootstrap over rounds in which both are slowed down together, as on a machine with other work."""
    inside = []
    for _ in range(150):
        slow = np.exp(random.normal(0, 0.05, 15))
        first, second = (t * slow * np.exp(random.normal(0, 0.02, 15)) for t in (70.0, 10.0))
        low, high = ratio(Rounds(tuple(first), 0), Rounds(tuple(second), 0)).interval()
        inside.append(low <= 7 <= high)
    assert 0.9 <= np.mean(inside) <= 1
    together = ratio(Rounds(tuple(first), 0), Rounds(tuple(second), 0)).interval()
    apart = ratio(Rounds(tuple(first), 0), Rounds(tuple(second), 1)).interval()
    assert apart[1] - apart[0] > together[1] - together[0], "networks of different groups were slow at different times"
    assert median(Rounds((1.0, 2.0, 3.0), 0)) is None, "three rounds have no interval"


@pytest.mark.parametrize("units", COVERAGE)
def test_intervals_cover_what_they_are_said_to_cover(units):
    """Within 2 points, on normal and on lognormal differences."""
    random, runs = np.random.default_rng(units), 4000
    for drawn, truth, stated in (
        (random.normal(0.1, 1, (runs, units)), 0.1, COVERAGE[units][0]),
        (random.lognormal(0, 1, (runs, units)), math.exp(0.5), COVERAGE[units][1]),
    ):
        half = stats.t.ppf(0.975, units - 1) * drawn.std(axis=1, ddof=1) / math.sqrt(units)
        assert 100 * np.mean(np.abs(drawn.mean(axis=1) - truth) <= half) == pytest.approx(stated, abs=2)
    one = mean_of(drawn[0], "")
    assert one.interval()[1] - one.value == pytest.approx(half[0]), "the closed form above is the estimate's own"


@pytest.mark.parametrize(("trainings", "least"), [(3, 0.062), (5, 0.041), (10, 0.027)])
def test_power_of_trainings(trainings, least):
    """Scatter of 0.02 dB: the smallest difference that is found with a chance of 80 %, by simulation as well."""
    assert power.findable(0.02, trainings) == pytest.approx(least, abs=0.0015)
    assert power.needed_trainings(least + 0.001, 0.02) == trainings
    random = np.random.default_rng(trainings)
    ours, theirs = (
        random.normal(power.findable(0.02, trainings), 0.02, (2000, trainings)),
        random.normal(0, 0.02, (2000, trainings)),
    )
    found = stats.ttest_ind(ours, theirs, axis=1).pvalue < 0.05
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)
