"""The work that is timed: a forward pass of one image in some back-end, or a training step of a batch of patches."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor, nn

from hitsr.errors import ResultError
from hitsr.measure.memory import peak_of
from hitsr.measure.outputs import check_output
from hitsr.measure.time import backends
from hitsr.measure.time.contestants import Setting
from hitsr.networks.identity import identity
from hitsr.optimized.checkpointing import checkpoint_activations
from hitsr.precision import computing_in

Answer = TypeVar("Answer")
TOLERANCE = 1e-3
"""Largest difference of a back-end from eager in float32, of the largest value: a hundred times what rounding makes."""
SMALL = 16
"""Side of the patches of the step that loads the kernels."""


@dataclass(frozen=True)
class Ready:
    """Work that has everything set up.

    Attributes:
        work: does it once; gives the network's output, or None.
        check: raises ResultError where that output is no image of the right size, or not finite.
        facts: of the preparation: `preparation_s`, what the back-end says, `difference` from eager (1: white).
        holds_memory: it keeps the memory of a pass for the next one.
        peak: MiB that the first pass took, where it holds them since; None if that is not known.
    """

    work: Callable[[], object]
    check: Callable[[object], object] = lambda output: output
    facts: dict[str, object] = field(default_factory=dict)
    holds_memory: bool = False
    peak: float | None = None


def forward(model: nn.Module, example: Tensor, setting: Setting, backend: str) -> Ready:
    """A pass in evaluation, on an image `(1, 3, H, W)` in [0, 1].

    Raises:
        ResultError: the network's output is no image of the right size, or not finite; or not that of eager.
    """
    engine = backends.load(backend)
    model.eval()
    white = identity(model).image_range
    image = example * white

    @torch.no_grad()
    def computing(function: Callable[..., Answer], *inputs: object) -> Answer:
        with computing_in(setting.precision, image.device):
            return function(*inputs)

    def check(output: object) -> Tensor:
        return check_output(output, image, setting.scale)

    # before the preparation, which may change the network itself
    expected = None if backend == "eager" else check(computing(model, image)).float().cpu()
    start = time.perf_counter()
    prepared = computing(engine.prepare, model, image)
    facts = {"preparation_s": time.perf_counter() - start, **prepared.facts}
    peak = None
    if expected is not None:
        outputs: list[object] = []
        first = peak_of(lambda: outputs.append(computing(prepared.run, image)), image.device)
        # on a GPU what is held was taken in the preparation
        peak = first if image.device.type == "cpu" else None
        difference = (check(outputs.pop()).float().cpu() - expected).abs().max().item()
        facts["difference"] = difference / white
        # fresh weights may give far more than white
        share = difference / max(white, expected.abs().max().item())
        if setting.precision == "float32" and not share <= TOLERANCE:
            raise ResultError(
                f"its output differs from eager by {share:.2g} of the largest value in float32; "
                "a time of it would be of nothing"
            )
    return Ready(lambda: computing(prepared.run, image), check, facts, prepared.holds_memory, peak)


def training(model: nn.Module, patch: Tensor, setting: Setting, activation_checkpointing: bool = False) -> Ready:
    """A step of Adam on a batch of patches like the given one, `(1, 3, H, W)` in [0, 1]."""
    model.train()
    if activation_checkpointing:
        checkpoint_activations(model)
    optimizer = torch.optim.Adam([parameter for parameter in model.parameters() if parameter.requires_grad])
    white = identity(model).image_range

    def step(patch: Tensor) -> None:
        low = patch.expand(setting.batch, -1, -1, -1)
        high = low.repeat_interleave(setting.scale, 2).repeat_interleave(setting.scale, 3)
        optimizer.zero_grad(set_to_none=True)
        with computing_in(setting.precision, patch.device):
            (model(low * white) / white - high).abs().mean().backward()
            optimizer.step()

    # loads the kernels and makes the state of the optimiser
    step(patch[:, :, :SMALL, :SMALL])
    return Ready(lambda: step(patch))
