"""Metrics of a super-resolved image against the high-resolution one: a file each, which declares itself at its top.

A file has a function `compute(restored, reference, scale)`, of uint8 images `(H, W, 3)` of one size, that gives one
number. Declarations are read without importing the files; what a metric needs is imported when it is computed.
"""

import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from hitsr.errors import ConfigError
from hitsr.schema.declarations import Declaration, Declared, everywhere
from hitsr.schema.sections import key, required
from hitsr.schema.types import Text

if TYPE_CHECKING:
    import numpy as np

    Compute = Callable[[np.ndarray, np.ndarray, int], float]

FOLDER = Path(__file__).resolve().parent


class Metric(Declaration):
    """What a file of a metric declares: its name is the quantity of the long table."""

    variable: ClassVar[str] = "METRIC"
    title: Text = required("Heading of its columns.")
    about: Text = required("What it is, and how it is computed, in a sentence.")
    protocol: Text = required("Short name of the way in which it is computed: a column of the long table.")
    digits: Annotated[int, Field(ge=0, le=8)] = required("Digits after the point that tables show.")
    unit: Text = key("", "Unit of its values.")
    higher_is_better: bool = key(True, "Whether the larger of two values is the better one.")
    negligible: Annotated[float, Field(gt=0)] | None = key(
        None, "Difference that nobody cares about: tables mark two methods that surely differ by less."
    )
    infinite: Text = key("", "What an infinite value means, such as `identical`.")
    requires: tuple[Text, ...] = key((), "Python packages that it needs beyond those of the suite.")
    install: Text = key("", "What to install for them, such as `hitsr[perceptual]`.")
    cites: tuple[Text, ...] = key((), "Its papers: keys of references.bib.")

    @property
    def form(self) -> str:
        """Format of a value, such as `.2f`."""
        return f".{self.digits}f"

    @property
    def sign(self) -> int:
        """1 if higher is better, else -1."""
        return 1 if self.higher_is_better else -1

    @property
    def header(self) -> str:
        """Its title, with an arrow where lower is better."""
        return self.title if self.higher_is_better else f"{self.title} ↓"

    @property
    def in_unit(self) -> str:
        """Its title and unit, such as `PSNR (dB)`."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


def declared_metrics(plugins: Iterable[str | Path] = ()) -> dict[str, Declared[Metric]]:
    """All metrics by name, those of plug-in folders last.

    Raises:
        ConfigError: a file declares its metric wrongly, or two have one name.
    """
    return everywhere(FOLDER, "metrics", Metric, plugins)


def chosen(config: dict) -> list[Metric]:
    """The metrics of a run in the order of its configuration; the first one decides where only one is shown."""
    known = declared_metrics(config["plugins"])
    return [known[name].declaration for name in config["metrics"]]


def check_installed(found: Declared[Metric]) -> None:
    """Check that the packages of a metric are there, without importing them.

    Raises:
        ConfigError: one is not, naming it and how to install it.
    """
    one = found.declaration
    for package in one.requires:
        if importlib.util.find_spec(package) is None:
            install = one.install or package
            raise ConfigError(f"metric {one.name!r} needs the package {package}: pip install '{install}'")


def compute_of(found: Declared[Metric]) -> "Compute":
    """The function of a metric that computes it.

    Raises:
        ConfigError: a package that it needs is not there, or the file has no such function.
    """
    check_installed(found)
    compute = getattr(found.load(), "compute", None)
    if not callable(compute):
        raise ConfigError(f"{found.file}: has no function compute(restored, reference, scale); write it")
    return compute
