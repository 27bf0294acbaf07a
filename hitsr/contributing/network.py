"""What a network of a new baseline must do, tried one after the other; each function says what it found."""

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.checkpoints.file import save
from hitsr.checkpoints.loading import load_any
from hitsr.data.images import read_rgb
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.errors import ResultError
from hitsr.measure.count.run import count
from hitsr.measure.outputs import check_output, naming
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.run import timed
from hitsr.networks.identity import identity
from hitsr.networks.registry import build

SIZES = ((32, 32), (24, 40), (19, 27))
"""Height and width of the images that it is tried with: square, not square, odd."""
STEPS, RATE, PATCH = 20, 1e-3, 32
TOLERANCE = 1e-4
"""Of outputs that must be equal, in parts of the image's range: batches are computed in another order."""


@dataclass
class Subject:
    """A network on trial.

    Attributes:
        name: of the method.
        source: as `hitsr.build` takes it.
        scales: that it declares.
    """

    name: str
    source: str
    options: dict
    scales: tuple[int, ...]

    @cached_property
    def scale(self) -> int:
        """The scale that it is tried at."""
        return 2 if 2 in self.scales else self.scales[0]

    def model(self, scale: int | None = None) -> nn.Module:
        """A fresh network, the same every time."""
        torch.manual_seed(0)
        return build(self.source, scale or self.scale, **self.options)

    def image(self, height: int, width: int, batch: int = 1) -> Tensor:
        """Noise in the range of the network, `(B, 3, H, W)`."""
        generator = torch.Generator().manual_seed(height * width)
        return torch.rand(batch, 3, height, width, generator=generator) * self.range

    @cached_property
    def range(self) -> float:
        return float(identity(self.model()).image_range)


def builds(subject: Subject) -> str:
    """It can be built at every scale that it declares."""
    sizes = {s: sum(p.numel() for p in subject.model(s).parameters()) for s in subject.scales}
    return ", ".join(f"x{scale}: {size / 1000:,.1f} K parameters" for scale, size in sizes.items())


@torch.no_grad()
def super_resolves(subject: Subject) -> str:
    """It gives finite images of the right size at every scale, for sizes that are odd too."""
    for scale in subject.scales:
        model = subject.model(scale).eval()
        for size in SIZES:
            image = subject.image(*size)
            with naming(f"x{scale}, input of {size[1]}x{size[0]}"):
                check_output(model(image), image, scale)
    return f"inputs of {', '.join(f'{width}x{height}' for height, width in SIZES)}"


@torch.no_grad()
def computes_images_alone(subject: Subject) -> str:
    """The same image gives the same result again, and beside another one in a batch."""
    model, pair = subject.model().eval(), subject.image(24, 32, batch=2)
    alone = [model(image[None]) for image in pair]
    again = float((model(pair[:1]) - alone[0]).abs().max()) / subject.range
    # no number is no equality
    if not again <= 1e-6:
        raise ResultError(f"the same image gives another result (difference {again:.1e}): is something random in eval?")
    beside = float((model(pair) - torch.cat(alone)).abs().max()) / subject.range
    if not beside <= TOLERANCE:
        raise ResultError(f"an image's result depends on the other images of its batch (difference {beside:.1e})")
    return f"largest difference in a batch {beside:.0e}"


def differentiates(subject: Subject) -> str:
    """Its gradient reaches every parameter, and is that of finite differences in double precision."""
    model = subject.model().train()
    model(subject.image(24, 24)).square().mean().backward()
    names = [name for name, p in model.named_parameters() if p.requires_grad]
    unreached = [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
    if unreached:
        raise ResultError(f"no gradient reaches {_some(unreached)}: not used in forward? remove it")
    wrong = [name for name, p in model.named_parameters() if p.grad is not None and not p.grad.isfinite().all()]
    if wrong:
        raise ResultError(f"the gradient of {_some(wrong)} is not finite")
    try:
        error = _against_finite_differences(subject)
    except RuntimeError as reason:
        return f"{len(names)} parameters; no finite differences, as double precision fails ({reason})"
    if not error <= 1e-3:
        raise ResultError(f"the gradient differs from that of finite differences by {error:.1e}: is a backward wrong?")
    return f"{len(names)} parameters, finite differences agree to {error:.0e}"


def _against_finite_differences(subject: Subject) -> float:
    """Error of the derivative along a random direction of all parameters, relative to the norm of the gradient."""
    model = subject.model().double().eval()
    image = subject.image(16, 16).double()
    parameters = [p for p in model.parameters() if p.requires_grad]
    generator = torch.Generator().manual_seed(1)
    direction = [torch.randn(p.shape, generator=generator, dtype=torch.float64) for p in parameters]

    def value() -> Tensor:
        return (model(image) / subject.range).square().mean()

    value().backward()
    along = sum(float((p.grad * d).sum()) for p, d in zip(parameters, direction, strict=True) if p.grad is not None)
    step, ends = 1e-6, []
    with torch.no_grad():
        for sign in (1, -2):
            for parameter, towards in zip(parameters, direction, strict=True):
                parameter.add_(towards, alpha=sign * step)
            ends.append(float(value()))
    measured = (ends[0] - ends[1]) / (2 * step)
    norm = math.sqrt(sum(float(p.grad.square().sum()) for p in parameters if p.grad is not None))
    return abs(along - measured) / max(norm, 1e-12)


def learns(subject: Subject) -> str:
    """Its loss falls on one patch of a photograph."""
    model = subject.model().train()
    high = _patch(PATCH * subject.scale) * subject.range
    low = F.interpolate(high, scale_factor=1 / subject.scale, mode="bicubic", antialias=True)
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        error = F.l1_loss(model(low), high) / subject.range
        error.backward()
        optimizer.step()
        losses.append(float(error.detach()))
    fall = f"{losses[0]:.4f} to {losses[-1]:.4f} in {STEPS} steps"
    if not all(map(math.isfinite, losses)):
        raise ResultError(f"the loss is {losses[-1]} after {STEPS} steps of Adam at {RATE:g}")
    if min(losses[-5:]) >= losses[0]:
        raise ResultError(f"the loss does not fall: {fall} of Adam at {RATE:g}")
    return f"L1 {fall} on one patch"


def _patch(side: int) -> Tensor:
    """The middle of a photograph, `(1, 3, side, side)` in [0, 1]."""
    image = torch.from_numpy(read_rgb(PHOTOGRAPHS["coffee"].path)).permute(2, 0, 1)[None].float() / 255
    top, left = (image.shape[2] - side) // 2, (image.shape[3] - side) // 2
    return image[:, :, top : top + side, left : left + side].contiguous()


@torch.no_grad()
def keeps_weights(subject: Subject) -> str:
    """Weights that are written and read again give the same images, bit for bit."""
    model, image = subject.model().eval(), subject.image(24, 32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.safetensors"
        save(model, path)
        size = path.stat().st_size
        again = load_any(path, subject.source, subject.scale, subject.options).eval()
    difference = float((again(image) - model(image)).abs().max())
    if difference != 0:
        raise ResultError(
            f"weights that are read again give other images (difference {difference:.1e}): is there state outside "
            "parameters and buffers?"
        )
    return f"{size / 1024:,.0f} KiB"


def is_counted(subject: Subject) -> str:
    """Parameters and multiply-adds for an output of 1280x720."""
    rows = count(subject.source, subject.scale, subject.options, (1280, 720), ptflops=False, who=subject.name)["rows"]
    values = {row["quantity"]: row["value"] for row in rows}
    return f"{values['parameters'] / 1000:,.1f} K parameters, {values['macs_fvcore'] / 1e9:,.2f} G multiply-adds"


def is_timed(subject: Subject) -> str:
    """Latency of a small input."""
    setting = Setting(subject.scale, warm_up=1, repeats=5, threads=1, device="auto")
    found = timed([Contestant(subject.name, subject.source, subject.options)], setting, [(80, 45)])
    (result,) = found.results
    times = sorted(result.times[80, 45])
    return f"{times[len(times) // 2]:.1f} ms at 80x45 (one thread, {result.implementation})"


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


TRIALS: dict[str, Callable[[Subject], str]] = {
    "builds": builds,
    "super-resolves": super_resolves,
    "images alone": computes_images_alone,
    "gradients": differentiates,
    "learns": learns,
    "weights": keeps_weights,
    "counted": is_counted,
    "timed": is_timed,
}
"""Everything that is tried of a network, by what it is called."""
