"""The learning rate, a function of the iteration alone: there is nothing to save or to restore."""

KEYS = ("iterations", "schedule_iterations", "learning_rate", "milestones", "gamma", "warm_up")
"""Keys of `train` that make the schedule."""


def learning_rate(train: dict, iteration: int) -> float:
    """Learning rate of step `iteration` (from 0): linear warm-up, then `gamma` at each milestone passed."""
    passed = sum(iteration >= milestone for milestone in _milestones(train))
    warm = min(1.0, (iteration + 1) / train["warm_up"]) if train["warm_up"] else 1.0
    return train["learning_rate"] * train["gamma"] ** passed * warm


def planned(train: dict) -> int:
    """Iterations that the milestones are fractions of."""
    return train["schedule_iterations"] or train["iterations"]


def same_until(one: dict, other: dict, iteration: int) -> bool:
    """Whether two schedules give the same learning rate to every step before `iteration`.

    After the warm-ups both are constant between milestones, so that one step of each stretch stands for all.
    """
    warm = max(one["warm_up"], other["warm_up"])
    steps = {*range(min(warm, iteration)), warm, *_milestones(one), *_milestones(other)}
    return all(learning_rate(one, step) == learning_rate(other, step) for step in steps if step < iteration)


def _milestones(train: dict) -> list[int]:
    return [round(milestone * planned(train)) for milestone in train["milestones"]]
