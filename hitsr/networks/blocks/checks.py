"""Checks of what users hand to a network."""

from torch import Tensor

from hitsr.errors import InputError, OptionError

SCALES = (2, 3, 4)


def check_image(x: Tensor, like: Tensor) -> None:
    """Require an RGB batch `(B, 3, H, W)` of the floating-point type and on the device of the weight `like`.

    Raises:
        InputError: naming what was expected and what was found.
    """
    expected = "expected an RGB batch (B, 3, H, W) with H, W >= 1"
    if not isinstance(x, Tensor):
        raise InputError(f"{expected}, found {type(x).__name__} (hitsr.upscale takes arrays)")
    if x.ndim != 4 or x.shape[1] != 3 or 0 in x.shape:
        remedy = "; gray images must be repeated to three channels" if x.ndim == 4 and x.shape[1] == 1 else ""
        raise InputError(f"{expected}, found shape {tuple(x.shape)}{remedy}")
    if not x.dtype.is_floating_point:
        raise InputError(f"expected a floating-point image, found {x.dtype}; use x.float() / 255")
    if x.dtype != like.dtype:
        raise InputError(f"the image is {x.dtype} but the weights are {like.dtype}; convert one: x.to({like.dtype})")
    if x.device.type != like.device.type:
        raise InputError(f"the image is on {x.device} but the weights are on {like.device}; move one of them")


def check_scale(scale: int) -> None:
    """Require a scale of the paper's list."""
    if scale not in SCALES:
        raise OptionError(f"scale: expected one of {', '.join(map(str, SCALES))}, found {scale!r}")


def check_heads(dim: int, heads: int, parts: int = 1, option: str = "heads") -> None:
    """Require `dim` channels to split evenly into `parts` x `heads`."""
    if not (isinstance(heads, int) and heads > 0 and isinstance(dim, int) and dim > 0 and dim % (parts * heads) == 0):
        group = f"{parts} * {option}" if parts > 1 else option
        valid = [n for n in range(1, (dim if isinstance(dim, int) else 0) // parts + 1) if dim % (parts * n) == 0]
        raise OptionError(
            f"{option}: expected {group} to divide dim, found {option}={heads!r}, dim={dim!r}; "
            f"valid {option} for this dim: {', '.join(map(str, valid)) or 'none, choose another dim'}"
        )


def check_choice(option: str, value: object, choices: tuple) -> None:
    """Require `value` to be one of `choices`."""
    if value not in choices:
        raise OptionError(f"{option}: expected one of {', '.join(map(str, choices))}, found {value!r}")


def check_at_least(option: str, value: object, least: int, most: int | None = None) -> None:
    """Require an integer of at least `least`, and at most `most` if given."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        limit = f"an integer of at least {least}" if most is None else f"an integer from {least} to {most}"
        raise OptionError(f"{option}: expected {limit}, found {value!r}")


def check_depths(depths: object) -> None:
    """Require the number of layers of each group, at least one group of one layer."""
    if not isinstance(depths, list | tuple) or not depths:
        raise OptionError(f"depths: expected the layers of each group, such as (6, 6, 6, 6), found {depths!r}")
    for depth in depths:
        check_at_least("depths", depth, 1)


def check_fraction(option: str, value: object) -> None:
    """Require a number from 0 up to, not including, 1."""
    if not isinstance(value, int | float) or not 0 <= value < 1:
        raise OptionError(f"{option}: expected a number in [0, 1), found {value!r}")


def check_hidden(dim: int, ratio: object) -> int:
    """Hidden channels of a feed-forward of `ratio` times `dim` channels."""
    if not isinstance(ratio, int | float) or int(dim * ratio) < 1:
        raise OptionError(f"ffn_ratio: expected a positive number of at least 1 / dim = {1 / dim:g}, found {ratio!r}")
    return int(dim * ratio)
