"""Whether an exported file does what its network does: a real image through both."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from hitsr.data.images import read_rgb
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.errors import ResultError
from hitsr.export.packages import missing
from hitsr.export.runtimes import LOADERS, Run
from hitsr.networks.identity import identity

if TYPE_CHECKING:
    import openvino

TOLERANCE = 1e-4
"""Largest difference from eager in float32, where white is 1; a fortieth of a step of 8 bits."""
OPEN_SIZES = ((96, 64), (75, 51))
"""Width and height of the images that a file of open sizes is checked with."""
PHOTOGRAPH = "coffee"
RUNTIMES = {"onnx": ("onnxruntime", "openvino"), "openvino": ("openvino",)}
"""What runs files of each kind, the first choice first."""


@dataclass(frozen=True)
class Check:
    """What was found.

    Attributes:
        runtime: that ran the file.
        difference: the largest one from eager, where white is 1.
        sizes: width and height of the images.
    """

    runtime: str
    difference: float
    sizes: tuple[tuple[int, int], ...]


def check(
    model: nn.Module, graph: "Path | openvino.Model", kind: str, size: tuple[int, int] | None, image: Path | None
) -> Check | None:
    """Run a file beside its network.

    Args:
        graph: an ONNX file, or what OpenVINO has read.
        size: of the images that it takes; None for any.
        image: a photograph; one that scikit-image ships if None.

    Returns:
        What was found; None if no runtime is installed.

    Raises:
        ResultError: the outputs differ by more than `TOLERANCE`, or the runtime cannot run the file.
    """
    runtime = next((name for name in RUNTIMES[kind] if not missing(name)), None)
    if runtime is None:
        return None
    try:
        run = LOADERS[runtime](graph, 1)
    except Exception as error:
        raise ResultError(f"{runtime} cannot load the exported {identity(model).name}: {error}") from error
    sizes = (size,) if size else OPEN_SIZES
    photograph = read_rgb(image or PHOTOGRAPHS[PHOTOGRAPH].path)
    images = [crop(photograph, *each) for each in sizes]
    difference = _largest_difference(model, run, images)
    if not difference <= TOLERANCE:
        raise ResultError(
            f"not written: in {runtime} the exported {identity(model).name} differs from PyTorch by {difference:.1e} "
            f"of white, more than {TOLERANCE:.0e}; {_remedy(model, runtime, images)}"
        )
    return Check(runtime, difference, sizes)


def _remedy(model: nn.Module, runtime: str, images: list[np.ndarray]) -> str:
    """What to do about a difference: nothing but other weights helps where PyTorch differs from itself."""
    own = _largest_difference(model, in_float64(model), images)
    if own <= TOLERANCE:
        return f"report it, or try another version of {runtime}"
    return (
        f"with these weights PyTorch itself gives another image in float64, by {own:.1e}: "
        "they amplify rounding, as untrained ones may, and no two runtimes agree"
    )


def _largest_difference(model: nn.Module, run: Run, images: list[np.ndarray]) -> float:
    """Of all images; no number if it is none for one of them, which Python's own maximum would hide."""
    return float(np.max([difference_from_eager(model, run, each) for each in images]))


def in_float64(model: nn.Module) -> Run:
    """A network in PyTorch in double precision, on a CPU."""
    exact = copy.deepcopy(model).cpu().double()

    def run(image: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return exact(torch.from_numpy(image).double()).numpy()

    return run


def difference_from_eager(model: nn.Module, run: Run, image: np.ndarray) -> float:
    """The largest difference of the outputs for an image `(H, W, 3)` of 8 bits, where white is 1."""
    white = identity(model).image_range
    tensor = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255 * white
    device = next(model.parameters()).device
    with torch.no_grad():
        expected = model(tensor.to(device)).cpu().numpy()
    found = run(tensor.numpy())
    if found.shape != expected.shape:
        raise ResultError(f"not written: the exported file gives {found.shape} in place of {expected.shape}")
    return float(np.abs(found - expected).max() / white)


def crop(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """The middle of an image, repeated if it is smaller: `(height, width, 3)`."""
    repeats = [-(-height // image.shape[0]), -(-width // image.shape[1]), 1]
    image = np.tile(image, repeats)
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return np.ascontiguousarray(image[top : top + height, left : left + width])
