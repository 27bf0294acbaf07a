"""The process that times one network: answers "time" and "peak", line by line (see `hitsr.measure.time.rounds`)."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from hitsr.devices import choose_device
from hitsr.networks.identity import identity
from hitsr.networks.registry import build


def forward(model: nn.Module, setting: dict) -> Callable[[Tensor], None]:
    """A pass in evaluation."""
    model.eval()

    @torch.no_grad()
    def run(image: Tensor) -> None:
        model(image)

    return run


def training(model: nn.Module, setting: dict) -> Callable[[Tensor], None]:
    """A step of Adam on a batch of patches like the given one."""
    model.train()
    white = identity(model).image_range
    optimizer = torch.optim.Adam([parameter for parameter in model.parameters() if parameter.requires_grad])

    def run(patch: Tensor) -> None:
        low = patch.expand(setting["batch"], -1, -1, -1)
        high = low.repeat_interleave(setting["scale"], 2).repeat_interleave(setting["scale"], 3)
        optimizer.zero_grad(set_to_none=True)
        (model(low * white) / white - high).abs().mean().backward()
        optimizer.step()

    return run


TASKS = {"forward": forward, "training": training}


def milliseconds(run: Callable[[Tensor], None], image: Tensor) -> float:
    """Time of one run; by events on CUDA, which wait for the device."""
    if image.is_cuda:
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        run(image)
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end)
    start = time.perf_counter()
    run(image)
    return (time.perf_counter() - start) * 1000


def peak_memory(run: Callable[[Tensor], None], image: Tensor) -> float:
    """MiB that one run needs beyond weights and input."""
    # loads the kernels and builds what is kept between passes, so that only the pass itself is measured
    run(image[:, :, :8, :8])
    return peak_of(lambda: run(image), image.device)


def peak_of(work: Callable[[], object], device: torch.device) -> float:
    """MiB that `work` takes at most beyond what is there before: allocated on CUDA, resident on a CPU."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        work()
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    reset_peak()
    before = resident("VmRSS")
    work()
    return (resident("VmHWM") - before) / 1024


def reset_peak() -> None:
    """Start measuring the highest resident set anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def resident(field: str) -> int:
    """KiB of a field of /proc/self/status (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def main() -> None:
    contestant, setting = json.loads(sys.argv[1])
    torch.set_num_threads(setting["threads"])
    device = choose_device(setting["device"])
    torch.manual_seed(0)
    options = {**contestant["options"], "formulation": contestant["formulation"]}
    run = TASKS[setting["task"]](build(contestant["network"], setting["scale"], **options).to(device), setting)
    for line in sys.stdin:
        quantity, (width, height) = json.loads(line)
        image = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0)).to(device)
        print((milliseconds if quantity == "time" else peak_memory)(run, image), flush=True)


if __name__ == "__main__":
    main()
