"""The learning rate, a function of the iteration alone: there is nothing to save or to restore."""


def learning_rate(train: dict, iteration: int) -> float:
    """Learning rate of step `iteration` (from 0): linear warm-up, then `gamma` at each milestone passed."""
    passed = sum(iteration >= round(milestone * train["iterations"]) for milestone in train["milestones"])
    warm = min(1.0, (iteration + 1) / train["warm_up"]) if train["warm_up"] else 1.0
    return train["learning_rate"] * train["gamma"] ** passed * warm
