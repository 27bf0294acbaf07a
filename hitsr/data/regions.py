"""Where in an image something is largest: the rule by which crops and patches are chosen."""

import numpy as np


def largest_window(values: np.ndarray, width: int, height: int) -> tuple[int, int, float]:
    """The window of an array `(H, W)` with the largest mean; of equal ones the uppermost, then leftmost.

    Args:
        values: numbers >= 0, at least `height` by `width`.

    Returns:
        x and y of the upper left corner, and the mean.
    """
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    sums = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    # cumulative sums round differently in equal windows
    y, x = np.unravel_index(np.argmax(sums.round(6)), sums.shape)
    return int(x), int(y), float(max(sums[y, x], 0)) / (width * height)
