"""The figures of a run, each as SVG, PDF and PNG: a file each, which declares itself at its top."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hitsr.errors import ConfigError
from hitsr.report import contents

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def render(name: str, measurements: Path, config: dict, folder: Path) -> None:
    """Draw figure `name` and write NAME.svg, NAME.pdf and NAME.png into `folder`."""
    from hitsr.analysis.measurements import read
    from hitsr.report.drawing.style import save

    save(draw(name, read(measurements), config), folder, name)


def draw(name: str, table: pd.DataFrame, config: dict) -> Figure:
    """Figure `name`.

    Raises:
        ConfigError: no such figure.
    """
    known = contents.figures(config)
    if name not in known:
        raise ConfigError(f"unknown figure {name!r}; choose one of {', '.join(known)}")
    entry = known[name]
    from hitsr.analysis.missing import unmeasured
    from hitsr.report.drawing.style import empty

    why = unmeasured(table, config, entry.needs)
    if entry.needs and len(why) == len(entry.needs):
        return empty("\n".join(why))
    return entry.load().draw(table, config, *([entry.axis] if entry.axis else []))
