"""The two formulations of a part: one set of weights, equal outputs up to rounding."""

from typing import Literal

from torch import Tensor, nn

from hitsr.networks.blocks.checks import check_choice

Formulation = Literal["plain", "fast"]
FORMULATIONS = ("plain", "fast")
"""`plain` as published (what complexity tables count, and the reference in tests); `fast` by equal algebra."""


class Formulated(nn.Module):
    """A part with two formulations: `plain` says what is computed, `fast` computes the same in less time."""

    formulation: Formulation = "fast"

    def plain(self, x: Tensor) -> Tensor:
        raise TypeError(f"{type(self).__name__} has no plain formulation")

    def fast(self, x: Tensor) -> Tensor:
        raise TypeError(f"{type(self).__name__} has no fast formulation")

    def forward(self, x: Tensor) -> Tensor:
        return self.plain(x) if self.formulation == "plain" else self.fast(x)


def set_formulation(network: nn.Module, formulation: Formulation) -> None:
    """Choose the formulation of every part of a network.

    Raises:
        OptionError: neither "plain" nor "fast".
    """
    check_choice("formulation", formulation, FORMULATIONS)
    for part in network.modules():
        if isinstance(part, Formulated):
            part.formulation = formulation
