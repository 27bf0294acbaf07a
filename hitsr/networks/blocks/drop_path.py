"""Stochastic depth: residual branches that are left out at random in training (Huang et al., arXiv 1603.09382)."""

from torch import Tensor, nn


class DropPath(nn.Module):
    """Drop the whole residual branch of a sample with probability `rate` in training (stochastic depth).

    Attributes:
        share: number and count of the processes that divide each batch equally. Each draws for the whole batch and
            keeps its part, so that the draws do not depend on how many they are.
    """

    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate
        self.share = (0, 1)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        number, count = self.share
        keep = x.new_empty((count, x.shape[0]) + (1,) * (x.ndim - 1)).bernoulli_(1 - self.rate)[number]
        return x * keep / (1 - self.rate)
