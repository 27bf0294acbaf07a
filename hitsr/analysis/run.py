"""A run under judgement: its measurements and configuration, and what several claims ask of both, found once."""

from functools import cached_property

import pandas as pd

from hitsr.analysis.conditions import claim_training_differs
from hitsr.analysis.differences import Group, Scored, grouped
from hitsr.analysis.identity import Sets

LONG = ("quality", "training", "attribution")
"""Kinds of measurement with a row per image or iteration."""


class Run:
    """What was measured, under which configuration.

    Attributes:
        table: the long table.
        config: complete configuration.
    """

    def __init__(self, table: pd.DataFrame, config: dict):
        self.table, self.config = table, config
        self._scored: dict[str, dict[Group, Scored]] = {}
        self._trainings: dict[tuple[str, int], str] = {}

    @cached_property
    def sets(self) -> Sets:
        """The test sets by what they are."""
        return Sets(self.table, self.config)

    @cached_property
    def costs(self) -> pd.DataFrame:
        """The rows of what networks and operators cost."""
        return self.table[~self.table.kind.isin(LONG)]

    def names(self, public: str) -> list[str]:
        """What the run calls data sets that its configuration says to be a public one."""
        return [name for name, entry in self.config["datasets"].items() if entry.get("public") == public]

    def scored(self, quantity: str) -> dict[Group, Scored]:
        """A score by method, scale and data set."""
        if quantity not in self._scored:
            self._scored[quantity] = grouped(self.table, quantity)
        return self._scored[quantity]

    def training_differs(self, method: str, scale: int) -> str:
        """How the weights of a method were made otherwise than claims allow; empty if they were not."""
        key = method, scale
        if key not in self._trainings:
            self._trainings[key] = claim_training_differs(self.table, self.config, method, scale)
        return self._trainings[key]
