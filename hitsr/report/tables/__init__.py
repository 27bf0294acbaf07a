"""The tables of a run, each as Markdown, LaTeX and CSV."""

from pathlib import Path

import pandas as pd

from hitsr.analysis.measurements import read
from hitsr.configuration import ablations
from hitsr.errors import ConfigError
from hitsr.report.cells import Grid
from hitsr.report.formats import write
from hitsr.report.tables import (
    ablation,
    attribution,
    comparison,
    complexity,
    efficiency,
    leaks,
    main,
    operators,
    printed,
    statistics,
)

TABLES = {
    "main": main.make,
    "efficiency": efficiency.make,
    "complexity": complexity.make,
    "statistics": statistics.make,
    "attribution": attribution.make,
    "comparison": comparison.make,
    "printed": printed.make,
    "operators": operators.make,
    "leaks": leaks.make,
}


def render(name: str, measurements: Path, config: dict, folder: Path) -> None:
    """Write table `name` as Markdown, LaTeX and CSV into `folder`."""
    write(make(name, read(measurements), config), folder)


def make(name: str, table: pd.DataFrame, config: dict) -> Grid:
    """Table `name` as cells.

    Raises:
        ConfigError: no such table.
    """
    if name in ablations.reports(config):
        return ablation.make(name.removeprefix(ablations.PREFIX), table, config)
    if name not in TABLES:
        raise ConfigError(f"unknown table {name!r}; choose one of {', '.join(TABLES)}")
    return TABLES[name](table, config)
