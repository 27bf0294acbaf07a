"""What layers of one window have in common in a pass, such as the lines that padding reads, made once for all of them.

In a graph of open sizes each of these takes a dozen operations on symbols, which PyTorch is slow to trace.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from hitsr.networks.blocks.padding import reflected, round_up


class Once:
    """Tensors of one pass, by what they are made of."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], Tensor] = {}

    def forget_before_passes_of(self, network: nn.Module) -> None:
        """Forget everything whenever a pass of this network begins: tensors of one trace are nothing in another."""
        network.register_forward_pre_hook(lambda *_: self._made.clear())

    def __call__(self, make: Callable[..., Tensor], *arguments: int | torch.device) -> Tensor:
        """`make(*arguments)`; sizes may be symbols, which are equal where they are written alike."""
        key = make.__qualname__, *map(str, arguments)
        if key not in self._made:
            self._made[key] = make(*arguments)
        return self._made[key]


def padded_to_multiple(x: Tensor, unit: int, once: Once) -> Tensor:
    """As `pad_to_multiple`, with the lines made once."""
    for dim in (1, 2):
        size = round_up(x.shape[dim], unit)
        if isinstance(size, torch.SymInt) or size != x.shape[dim]:
            x = x.index_select(dim, once(_lines, x.shape[dim], size))
    return x


def _lines(length: int, size: int) -> Tensor:
    """Lines of a map of `length` that stand in one of `size`."""
    return reflected(torch.arange(size), length)
