"""What a network gives, checked: a wrong size or NaN is found before a number stands beside its name."""

from torch import Tensor

from hitsr.errors import ResultError


def check_output(output: object, image: Tensor, scale: int) -> Tensor:
    """The output of a network for `image` `(B, 3, H, W)`, which has to be a finite image `(B, 3, s H, s W)`.

    Raises:
        ResultError: it is something else; saying what.
    """
    if not isinstance(output, Tensor):
        raise ResultError(f"gives {_named(output)} instead of one tensor; return the super-resolved image alone")
    expected = (*image.shape[:2], scale * image.shape[2], scale * image.shape[3])
    if tuple(output.shape) != expected:
        raise ResultError(f"gives {_shape(output)} for an input of {_shape(image)} at x{scale}; expected {expected}")
    if output.device.type != "meta" and not output.isfinite().all():
        raise ResultError("gives values that are not finite (NaN or infinity) with fresh weights")
    return output


def _named(output: object) -> str:
    if isinstance(output, tuple | list):
        return f"a {type(output).__name__} of {len(output)}"
    return type(output).__name__


def _shape(tensor: Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))})"
