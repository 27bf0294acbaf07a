"""Settings of the steps: one class per step, which holds everything that the step reads of a configuration.

`Steps(config).make("train", method="HiT-SIR", scale=2, seed=0)` makes them. A step's digest is over the settings that
decide its result, and over the code that it can reach. Nothing here imports torch.
"""

from typing import Any

from hitsr.configuration.steps import data, learn, measure, report, weights
from hitsr.configuration.steps.base import Network, Settings, Step, Weights
from hitsr.configuration.steps.collect import CollectSettings, Expected, all_files, collect, files_of, seeds_of
from hitsr.configuration.steps.data import (
    BicubicSettings,
    DownloadSettings,
    LeaksSettings,
    PackSettings,
    PrepareSettings,
)
from hitsr.configuration.steps.learn import RestoreSettings, ScoreSettings, TrainSettings
from hitsr.configuration.steps.measure import (
    AttentionSettings,
    AttributeSettings,
    CountSettings,
    ResolutionsSettings,
    TimeSettings,
)
from hitsr.configuration.steps.report import (
    ClaimsSettings,
    CropsSettings,
    FigureSettings,
    PageSettings,
    ReportSettings,
    TableSettings,
)
from hitsr.configuration.steps.weights import FetchSettings

__all__ = [
    "AttentionSettings",
    "AttributeSettings",
    "BicubicSettings",
    "ClaimsSettings",
    "CollectSettings",
    "CountSettings",
    "CropsSettings",
    "DownloadSettings",
    "Expected",
    "FetchSettings",
    "FigureSettings",
    "LeaksSettings",
    "Network",
    "PackSettings",
    "PageSettings",
    "PrepareSettings",
    "ReportSettings",
    "ResolutionsSettings",
    "RestoreSettings",
    "ScoreSettings",
    "Settings",
    "Step",
    "Steps",
    "TableSettings",
    "TimeSettings",
    "TrainSettings",
    "Weights",
    "all_files",
    "files_of",
    "seeds_of",
]
MAKERS = {
    maker.__name__: maker
    for maker in (
        data.download, data.prepare, data.bicubic, data.pack, data.leaks,
        weights.fetch, learn.train, learn.restore, learn.score,
        measure.count, measure.time, measure.time_resolutions, measure.time_attention, measure.attribute,
        report.crops, report.table, report.figure, report.claims, report.page,
    )
}  # fmt: skip
"""Functions that make settings from a configuration, by noun of the step."""
NUMBERS = ("scale", "seed")


class Steps:
    """Settings of all steps of a configuration, each made once.

    Args:
        config: complete configuration.
    """

    def __init__(self, config: dict):
        self.config = config
        self._made: dict[tuple, Step] = {}

    @property
    def made(self) -> list[Step]:
        """Settings that were made so far."""
        return list(self._made.values())

    def make(self, noun: str, **wildcards: Any) -> Step:
        """Settings of one step.

        Args:
            wildcards: what tells the jobs of the step apart, such as `method`; numbers may be text.

        Raises:
            ConfigError: the configuration has no such method or data set, or the step makes no sense for it.
        """
        values: dict[str, Any] = {name: int(value) if name in NUMBERS else value for name, value in wildcards.items()}
        key = (noun, *sorted(values.items()))
        if key not in self._made:
            self._made[key] = (
                collect(self.config, self.make) if noun == "collect" else MAKERS[noun](self.config, **values)
            )
        return self._made[key]
