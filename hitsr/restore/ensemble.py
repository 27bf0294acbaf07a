"""Self-ensemble: the mean over the eight flips and turns of an image (the rows of papers that are marked with "+").

Timofte, Rothe, Van Gool: Seven Ways to Improve Example-Based Single Image Super Resolution, CVPR 2016; EDSR (2017).
"""

from collections.abc import Callable

from torch import Tensor

ORIENTATIONS = tuple((turned, flips) for turned in (False, True) for flips in ((), (2,), (3,), (2, 3)))
"""Whether rows and columns are exchanged, and the axes that are flipped afterwards."""


def self_ensemble(network: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Mean of what `network` makes of the eight orientations of an image, each turned back.

    It is the same for every orientation of `x`, up to rounding of floats.

    Args:
        network: `(1, C, H, W)` to `(1, C, s H, s W)` for any H and W.
        x: `(1, C, H, W)`.

    Returns:
        `(1, C, s H, s W)`, not rounded.
    """
    first, *others = ORIENTATIONS
    total = _back(network(_oriented(x, *first)), *first)
    for how in others:
        total = total + _back(network(_oriented(x, *how)), *how)
    return total / len(ORIENTATIONS)


def _oriented(x: Tensor, turned: bool, flips: tuple[int, ...]) -> Tensor:
    return (x.transpose(2, 3) if turned else x).flip(flips).contiguous()


def _back(y: Tensor, turned: bool, flips: tuple[int, ...]) -> Tensor:
    y = y.flip(flips)
    return y.transpose(2, 3) if turned else y
