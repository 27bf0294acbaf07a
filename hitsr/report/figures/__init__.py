"""The figures of a run, each as SVG, PDF and PNG."""

from pathlib import Path

from hitsr.analysis.measurements import read
from hitsr.configuration import ablations
from hitsr.errors import ConfigError
from hitsr.report.figures import (
    ablation,
    attribution,
    convergence,
    cost,
    crops,
    growth,
    operators,
    performance,
    tradeoff,
    training,
)
from hitsr.report.figures.style import save

FIGURES = {
    "cost": cost.draw,
    "tradeoff": tradeoff.draw,
    "performance": performance.draw,
    "growth": growth.draw,
    "operators": operators.draw,
    "training": training.draw,
    "convergence": convergence.draw,
    "crops": crops.draw,
    "errors": crops.draw_errors,
    "attribution": attribution.draw,
    "receptive_field": attribution.draw_fields,
}


def render(name: str, measurements: Path, config: dict, folder: Path) -> None:
    """Draw figure `name` and write NAME.svg, NAME.pdf and NAME.png into `folder`.

    Raises:
        ConfigError: no such figure.
    """
    if name in ablations.reports(config):
        axis = name.removeprefix(ablations.PREFIX)
        save(ablation.draw(axis, read(measurements), config), folder, name)
        return
    if name not in FIGURES:
        raise ConfigError(f"unknown figure {name!r}; choose one of {', '.join(FIGURES)}")
    save(FIGURES[name](read(measurements), config), folder, name)
