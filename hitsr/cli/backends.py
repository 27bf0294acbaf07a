"""The option `--backend`: what computes the networks of a verb."""

import sys
from typing import TYPE_CHECKING

from hitsr.errors import ConfigError, ResultError, printable

if TYPE_CHECKING:
    from torch import nn

EAGER = "eager"
BACKENDS = (EAGER, "onnxruntime", "openvino")


def check_backend(backend: str, device: str, precision: str) -> None:
    """Require a back-end that is installed, and what it can do.

    Raises:
        ConfigError: another one, or one that does not fit, with the remedy.
    """
    if backend not in BACKENDS:
        raise ConfigError(f"--backend {backend}: expected one of {', '.join(BACKENDS)}")
    if backend == EAGER:
        return
    import torch

    from hitsr.measure.time import backends

    if device == "cuda":
        raise ConfigError(f"--backend {backend}: computes on the CPU; leave it out to compute on the GPU")
    if precision != "float32":
        raise ConfigError(f"--backend {backend}: computes in float32; leave out --precision {precision}, or --backend")
    lacking = backends.load(backend).available(torch.device("cpu"))
    if lacking is not None:
        raise ConfigError(f"--backend {backend}: {lacking}")


def in_runtime(model: "nn.Module", backend: str) -> "nn.Module":
    """A network, on a CPU, as a back-end computes it; exported if it was not before.

    Raises:
        ResultError: it cannot be exported.
    """
    import torch
    from tqdm import tqdm

    from hitsr.export.kept import exported
    from hitsr.export.network import InRuntime

    def say(text: str) -> None:
        # above a progress bar, where there is one
        tqdm.write(printable(text), file=sys.stderr)

    if torch.cuda.is_available():
        say(f"{backend} computes on the CPU; without --backend the GPU is used")
    try:
        kept = exported(model, backend, say)
    except ResultError as error:
        raise ResultError(f"{error}; without --backend PyTorch computes the images") from error
    return InRuntime(model, kept, torch.get_num_threads(), say)
