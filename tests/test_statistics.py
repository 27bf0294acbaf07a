"""Statistics against scipy, closed forms and published worked examples."""

import math

import numpy as np
import pytest
from scipy import stats

from hitsr.analysis.statistics import compare, corrected, holm, interval, smallest_p, wilcoxon


def test_holm_worked_example():
    """Four p-values sorted: 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1, never decreasing."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_keeps_the_chance_of_any_false_positive(random):
    """Of 2000 families of 5 true null hypotheses, about 5 % have a rejection."""
    families = [min(holm(list(random.uniform(size=5)))) < 0.05 for _ in range(2000)]
    assert np.mean(families) == pytest.approx(0.05, abs=0.015)


def test_wilcoxon_by_enumeration():
    """Exact p of n differences: the share of the 2^n sign patterns whose rank sum is as extreme."""
    differences = np.array([0.3, -0.1, 0.5, 0.7, 0.2, 0.9])
    ranks = stats.rankdata(np.abs(differences))
    signs = np.array(np.meshgrid(*[[0, 1]] * 6)).reshape(6, -1).T
    sums = signs @ ranks
    observed = ranks[differences > 0].sum()
    extreme = np.abs(sums - ranks.sum() / 2) >= abs(observed - ranks.sum() / 2)
    assert wilcoxon(differences) == pytest.approx(extreme.mean())
    assert wilcoxon(np.zeros(4)) == 1.0


@pytest.mark.parametrize("images", range(1, 9))
def test_smallest_p_is_reached_by_differences_of_one_sign(images):
    assert wilcoxon(np.arange(1, images + 1) / 10) == pytest.approx(smallest_p(images))


def test_interval_is_scipys_and_repeats(random):
    values = random.gamma(1.0, 0.1, 60)
    found = interval(values)
    assert found == interval(values)
    expected = stats.bootstrap((values,), np.mean, n_resamples=9999, method="BCa", rng=np.random.default_rng(7))
    assert found == pytest.approx(tuple(expected.confidence_interval), abs=0.003)


def test_interval_of_normal_values_is_near_students(random):
    values = random.normal(0.1, 0.05, 100)
    low, high = stats.t.interval(0.95, 99, values.mean(), stats.sem(values))
    assert interval(values) == pytest.approx((low, high), abs=0.002)


@pytest.mark.parametrize("values", [[0.1], [0.1, 0.1, 0.1], [0.0, 0.0], [0.1, 0.2], [0.1, 0.2, 0.2]])
def test_few_and_equal_values(values):
    low, high = interval(np.array(values))
    if len(values) == 1:
        assert math.isnan(low) and math.isnan(high)
    else:
        assert low <= np.mean(values) + 1e-12 and np.mean(values) <= high + 1e-12


def test_comparison_over_images_and_seeds(random):
    base = random.normal(30, 2, 40)
    theirs = base + random.normal(0, 0.01, (3, 1))
    ours = base + 0.2 + random.normal(0, 0.05, 40) + random.normal(0, 0.01, (3, 1))
    found = compare(ours, theirs)
    assert found.difference == pytest.approx((ours - theirs).mean())
    assert found.p_seeds == pytest.approx(stats.ttest_ind(ours.mean(1), theirs.mean(1), equal_var=False).pvalue)
    assert found.separated and found.images == 40 and found.seeds == 3 and found.why_not == ""


def test_seeds_that_disagree_separate_nothing(random):
    """All images agree, but one training differs from the next by more than the methods do."""
    base = random.normal(30, 2, 40)
    ours, theirs = base + np.array([[0.5], [-0.3], [0.1]]), base + np.array([[0.3], [-0.4], [0.2]])
    found = compare(ours + random.normal(0, 1e-3, 40), theirs)
    assert found.low > 0 and not found.separated
    assert found.why_not.startswith("p = 0.")


def test_three_images_cannot_separate():
    found = compare(np.array([[31.0, 32.0, 33.5]]), np.array([[30.0, 31.2, 32.0]]))
    assert found.low > 0 and not found.separated
    assert found.why_not == "3 images cannot reach p < 0.05"


def test_infinite_scores_are_equal_or_decide_nothing(random):
    """PSNR of an image that equals the original is infinite."""
    ours = random.normal(30, 1, (1, 12))
    theirs = ours - 0.5
    ours[0, 3] = theirs[0, 3] = math.inf
    found = compare(ours, theirs)
    assert found.difference == pytest.approx(0.5 * 11 / 12) and found.low < found.difference < found.high
    theirs[0, 3] = 30
    found = compare(ours, theirs)
    assert found.difference == math.inf and math.isnan(found.low) and not found.separated
    assert found.why_not == "a score is infinite" and corrected([found])[0].why_not == "a score is infinite"


def test_correction_counts_the_comparisons(random):
    """Six images reach p = 0.03, but not among five comparisons."""
    found = compare(np.arange(1, 7)[None] / 10, np.zeros((1, 6)))
    assert found.separated
    many = corrected([found] * 5)
    assert many[0].p == pytest.approx(5 * found.p) and not many[0].separated
    assert many[0].why_not == "6 images cannot reach p < 0.05"
    assert corrected([]) == []
