"""The published code as if it had been built for the size of its input: attention masks are made once.

Published window attention keeps the masks of the size that it was built for, by custom 64x64. For any other size each
layer of each pass makes one on the CPU and copies it to the device, shifted or not.
"""

from torch import Tensor, nn

from hitsr.networks.blocks.attention import PermutedAttention, ShiftedWindows, WindowAttention
from hitsr.networks.blocks.windows import shift_mask


class KeptMask(ShiftedWindows):
    """Window attention that keeps the mask of the last size; without a shift there is none."""

    _kept: tuple[tuple, Tensor] | None = None

    def mask(self, height: int, width: int) -> Tensor | None:
        if not self.shift:
            return None
        device = self.bias_table.device
        key = (height, width, device)
        if self._kept is None or self._kept[0] != key:
            mask = shift_mask(height, width, self.window, self.shift, self.reduction)
            self._kept = (key, mask.to(device))
        return self._kept[1]


class FixedWindowAttention(KeptMask, WindowAttention):
    """Multi-head self-attention in windows."""


class FixedPermutedAttention(KeptMask, PermutedAttention):
    """Permuted self-attention."""


REPLACEMENTS: dict[type[nn.Module], type[nn.Module]] = {
    WindowAttention: FixedWindowAttention,
    PermutedAttention: FixedPermutedAttention,
}


def fix_size(model: nn.Module) -> nn.Module:
    """Have the window attention of a network keep its masks, in place; all else stays as published.

    Returns:
        `model`.
    """
    for module in model.modules():
        module.__class__ = REPLACEMENTS.get(type(module), type(module))
    return model


def has_fixed_size(model: nn.Module) -> bool:
    """Whether any layer of a network keeps its masks."""
    return any(isinstance(module, KeptMask) for module in model.modules())
