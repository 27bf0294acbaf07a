"""What a network gives or raises, told in one line: found before a number stands beside its name."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import Tensor, nn

from hitsr.errors import HitsrError, ResultError

MEASURING = str(Path(__file__).parent)
SMALL = 32
"""Side of the image that `try_out` gives a network."""


class OutputError(ResultError):
    """The output of a network is no super-resolved image."""


def check_output(output: object, image: Tensor, scale: int) -> Tensor:
    """The output of a network for `image` `(B, 3, H, W)`, which has to be a finite image `(B, 3, s H, s W)`.

    Raises:
        OutputError: it is something else; saying what.
    """
    if not isinstance(output, Tensor):
        raise OutputError(f"gives {_named(output)} instead of one tensor; return the super-resolved image alone")
    expected = (*image.shape[:2], scale * image.shape[2], scale * image.shape[3])
    if tuple(output.shape) != expected:
        raise OutputError(f"gives {_shape(output)} for an input of {_shape(image)} at x{scale}; expected {expected}")
    if output.device.type != "meta" and not output.isfinite().all():
        raise OutputError("gives values that are not finite (NaN or infinity)")
    return output


def try_out(model: nn.Module, image: Tensor, scale: int, who: str) -> None:
    """Run a network on a corner of `image` `(1, 3, H, W)` before it is measured; on all of it if it refuses that.

    Raises:
        ResultError: it fails, or gives no super-resolved image; naming `who`, in one line.
    """
    corner = image[:, :, :SMALL, :SMALL]
    try:
        output = model(corner)
    except Exception:  # a network may refuse small images; what it says of the whole is its own error
        corner = image
        with naming(who):
            output = model(image)
    with naming(who):
        check_output(output, corner, scale)


@contextmanager
def naming(who: str) -> Iterator[None]:
    """Around a network at work: whatever it raises becomes one line that names it.

    Raises:
        ResultError: in place of any error that is not made for users.
    """
    try:
        yield
    except OutputError as error:
        raise ResultError(f"{who}: {error}") from error
    except HitsrError:
        raise
    except Exception as error:
        raise ResultError(f"{who}: {told(error)}") from error


def told(error: Exception) -> str:
    """An error in one line: what it says, and unless it is made for users, its kind and where it was raised."""
    text = " ".join(str(error).split()) or "no message"
    if isinstance(error, HitsrError):
        return text
    # the innermost line that is neither a library's nor the measuring's
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "site-packages" not in f.filename and not f.filename.startswith(MEASURING)]
    where = f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {text[:300]}{where}"


def _named(output: object) -> str:
    if isinstance(output, tuple | list):
        return f"a {type(output).__name__} of {len(output)}"
    return type(output).__name__


def _shape(tensor: Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))})"
