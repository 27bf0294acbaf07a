"""One network in a worker process: built, set up for a size of image, checked, weighed and timed."""

import torch
from torch import Tensor, nn

from hitsr.devices import choose_device
from hitsr.measure.memory import MIB, peak_of, within_what_is_left
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.tasks import Ready, forward, training
from hitsr.measure.time.timer import milliseconds
from hitsr.networks.registry import build
from hitsr.optimized.allocator import keep_pages
from hitsr.optimized.fixed_size import has_fixed_size
from hitsr.optimized.replacement import is_optimized


class Subject:
    """A network and its images, the same every time.

    Attributes:
        implementation: the one that the network has: "reference" where the one asked for changes nothing.

    Raises:
        HitsrError: it cannot be built.
    """

    def __init__(self, contestant: Contestant, setting: Setting):
        torch.set_num_threads(setting.threads)
        self.contestant, self.setting = contestant, setting
        self.device = choose_device(setting.device)
        if setting.keep_pages:
            # for all networks alike: a difference in time must be the networks' own
            keep_pages()
        torch.manual_seed(0)
        options = {"implementation": contestant.implementation, **contestant.options}
        self.model = build(contestant.network, setting.scale, **options).to(self.device)
        self.implementation = _implementation(self.model)
        self._ready: dict[tuple[int, int], Ready] = {}

    def memory(self, size: tuple[int, int]) -> dict[str, object]:
        """What one pass takes at this width and height, as `hitsr.measure.time.process.Weighed` has it.

        Raises:
            ResultError: the network's output is no image of the right size, or not finite.
        """
        outputs = []
        with within_what_is_left(self.device):
            ready = self._at(size)
            peak = peak_of(lambda: outputs.append(ready.work()), self.device)
        ready.check(outputs.pop())
        room = torch.cuda.mem_get_info()[0] / MIB if self.device.type == "cuda" else None
        return {"peak": ready.peak if ready.holds_memory else peak, "facts": ready.facts, "room": room}

    def time(self, size: tuple[int, int]) -> float:
        """Milliseconds of one pass."""
        work = self._at(size).work
        if self.device.type == "cuda":
            # another process has had the GPU since: let it come back to this one
            work()
        return milliseconds(work, self.device)

    def _at(self, size: tuple[int, int]) -> Ready:
        if size not in self._ready:
            example = image(size).to(self.device)
            asked = self.contestant
            if self.setting.task == "training":
                self._ready[size] = training(self.model, example, self.setting, asked.activation_checkpointing)
            else:
                self._ready[size] = forward(self.model, example, self.setting, asked.backend)
        return self._ready[size]


def _implementation(model: nn.Module) -> str:
    if is_optimized(model):
        return "optimized"
    return "fixed_size" if has_fixed_size(model) else "reference"


def image(size: tuple[int, int]) -> Tensor:
    """`(1, 3, H, W)` in [0, 1]."""
    width, height = size
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
