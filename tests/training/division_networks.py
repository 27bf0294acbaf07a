"""Small networks whose results depend, or do not depend, on how a batch is divided."""

from torch import Tensor, nn
from torch.nn import functional as F

import hitsr

ELAN_TRAIN = {
    "network": "ELAN-Light",
    "options": {"dim": 12, "blocks": 2},
    "train": {"patch_size": 16, "batch_size": 4, "learning_rate": 1e-4},
}


class BatchNorms(nn.Module):
    """Every kind of batch norm: with cumulative statistics, without statistics, without weights, in 1, 2 and 3 d."""

    image_range = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleDict(
            {
                "usual": nn.BatchNorm2d(3),
                "cumulative": nn.BatchNorm2d(3, momentum=None),
                "bare": nn.BatchNorm2d(3, affine=False),
                "stateless": nn.BatchNorm2d(3, track_running_stats=False),
            }
        )
        self.flat, self.deep = nn.BatchNorm1d(3), nn.BatchNorm3d(3)

    def forward(self, x: Tensor) -> Tensor:
        for number, part in enumerate(self.parts.values()):
            x = part(x * (number + 2)) + x**2
        return self.flat(x.flatten(2)).view_as(x) + self.deep(x[:, :, None])[:, :, 0] + x


class _Small(nn.Module):
    image_range = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)


class OwnBatchStatistics(_Small):
    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x) - x.mean(0)


class FunctionalDropout(_Small):
    def forward(self, x: Tensor) -> Tensor:
        return F.dropout(self.conv(x), 0.1, self.training)


class Dropout(_Small):
    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout2d(0.1)

    def forward(self, x: Tensor) -> Tensor:
        return self.drop(self.conv(x))


class OwnBatchNorm(nn.BatchNorm2d):
    """A subclass may compute anything: it is not replaced."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * 2


class InstanceStatistics(_Small):
    """Its outputs do not depend on the batch, its running statistics do."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm2d(3, track_running_stats=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class GroupNorm(_Small):
    def __init__(self) -> None:
        super().__init__()
        self.norm, self.off = nn.GroupNorm(1, 3), nn.Dropout(0.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.off(self.norm(self.conv(x)))


def _with_own_batch_norm() -> nn.Module:
    model = GroupNorm()
    model.norm = OwnBatchNorm(3)
    return model


CASES = {
    "own statistics of the batch": OwnBatchStatistics,
    "functional dropout": FunctionalDropout,
    "dropout": Dropout,
    "own batch norm": _with_own_batch_norm,
    "instance statistics": InstanceStatistics,
    "group norm": GroupNorm,
    "batch norms": BatchNorms,
    "dropped paths": lambda: hitsr.build("SwinIR-Light", 2, dim=16, depths=[2], heads=2, drop_path=0.5),
    "ELAN-Light": lambda: hitsr.build("ELAN-Light", 2, dim=12, blocks=2),
}
"""Makers of networks; the last four give the same however a batch is divided, or are made to."""
FINE = list(CASES)[-4:]
