"""The time on several devices, against what can be said without a simulation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitsr.planning.schedule import Task, wall_seconds


def test_known_schedules():
    assert wall_seconds([], 4) == 0
    assert wall_seconds([Task("a", 3), Task("b", 2), Task("c", 1)], 2) == 3
    assert wall_seconds([Task("a", 3), Task("b", 2), Task("c", 1)], 1) == 6
    # x3 and x4 wait for x2; the chain is started before the longer single task ends
    chain = [Task("x2", 4), Task("x3", 4, after="x2"), Task("x4", 4, after="x2"), Task("other", 5)]
    assert wall_seconds(chain, 2) == 9
    assert wall_seconds(chain, 3) == 8
    # an x2 training that is done is not waited for
    assert wall_seconds([Task("x3", 4, after="x2")], 2) == 4


def test_a_training_takes_all_its_devices_at_once():
    assert wall_seconds([Task("a", 2, devices=2), Task("b", 3)], 2) == 5
    assert wall_seconds([Task("a", 2, devices=4)], 2) == 4, "two devices do the work of four in twice the time"


@given(st.lists(st.integers(1, 20), min_size=1, max_size=12), st.integers(1, 5), st.data())
def test_bounds_that_every_schedule_keeps(lengths, devices, data):
    tasks, ends = [], {}
    for i, seconds in enumerate(lengths):
        after = data.draw(st.sampled_from([None, *range(i)]))
        tasks.append(Task(i, seconds, after=after))
        ends[i] = seconds + ends.get(after, 0)
    wall = wall_seconds(tasks, devices)
    longest = max(ends.values())
    assert max(longest, sum(lengths) / devices) <= wall + 1e-9
    # a greedy schedule never leaves all devices idle (Graham 1966)
    assert wall <= sum(lengths) / devices + longest + 1e-9
    assert wall_seconds(tasks, len(tasks)) == pytest.approx(longest)
