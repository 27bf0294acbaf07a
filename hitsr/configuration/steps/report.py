"""Settings of the steps that render what was measured: crops, tables, figures, claims, the page."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from hitsr.catalogs import FOLDER
from hitsr.configuration.steps.base import Step
from hitsr.data.contents import digest
from hitsr.errors import ConfigError
from hitsr.report import contents
from hitsr.results.layout import CHECKSUMS
from hitsr.schema.types import unknown

LOOKS = ("colour", "marker")
"""Keys of a method that figures and page alone show."""


class ReportSettings(Step):
    """What is rendered.

    Attributes:
        config: the configuration without the keys that this kind of report does not show.
        files: SHA-256 of the catalogues and templates that it reads.
    """

    config: dict[str, Any]
    files: str = ""


class CropsSettings(ReportSettings):
    """The choice of what the visual comparison shows."""

    noun: ClassVar[str] = "crops"

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.analysis.crops",)


class TableSettings(ReportSettings):
    """One table."""

    noun: ClassVar[str] = "table"
    name: str

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.report.tables", _module(contents.tables(self.config)[self.name]))


class FigureSettings(ReportSettings):
    """One figure."""

    noun: ClassVar[str] = "figure"
    name: str

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.report.figures", _module(contents.figures(self.config)[self.name]))


class ClaimsSettings(ReportSettings):
    """The claims card."""

    noun: ClassVar[str] = "claims"

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.report.claims",)


class PageSettings(ReportSettings):
    """The report page."""

    noun: ClassVar[str] = "page"

    def entries(self) -> tuple[str, ...]:
        known = contents.tables(self.config)
        return ("hitsr.report.page", *(_module(known[name]) for name in self.config["report"]["tables"]))


def crops(config: dict) -> CropsSettings:
    """Settings of choosing crops."""
    return CropsSettings(config=_shown(config, "crops", "crop_count", "crop_scale"))


def table(config: dict, name: str) -> TableSettings:
    """Settings of one table.

    Raises:
        ConfigError: there is none of this name.
    """
    _check("table", name, contents.tables(config))
    return TableSettings(name=name, config=_shown(config), files=_files("*.yaml", "published/*"))


def figure(config: dict, name: str) -> FigureSettings:
    """Settings of one figure.

    Raises:
        ConfigError: there is none of this name.
    """
    _check("figure", name, contents.figures(config))
    return FigureSettings(name=name, config=_shown(config, "crop_scale", looks=True), files=_files("published/*"))


def claims(config: dict) -> ClaimsSettings:
    """Settings of the claims card."""
    return ClaimsSettings(config=_shown(config), files=_files("*.yaml", "published/*", plugins=config["plugins"]))


def page(config: dict) -> PageSettings:
    """Settings of the page."""
    files = _files("*.yaml", "published/*", "../report/page/page.*", plugins=config["plugins"])
    return PageSettings(config=config, files=files)


def _shown(config: dict, *report: str, looks: bool = False) -> dict[str, Any]:
    """A configuration without looks, and of `report` with some keys only."""
    methods = {
        part: {name: entry if looks else _without(entry, LOOKS) for name, entry in config[part].items()}
        for part in ("methods", "variants")
    }
    return {**config, **methods, "report": {key: config["report"][key] for key in report}}


def _check(kind: str, name: str, known: dict[str, contents.Entry]) -> None:
    if name not in known:
        raise ConfigError(f"{unknown(kind, name, known)} (see `hitsr list`)")


def _module(entry: contents.Entry) -> str:
    """What the code of a table or figure is in."""
    return entry.source.module or str(entry.source.file)


def _without(entry: dict, keys: tuple[str, ...]) -> dict:
    return {key: value for key, value in entry.items() if key not in keys}


def _files(*patterns: str, plugins: Iterable[str] = ()) -> str:
    """SHA-256 of files of the catalogues, by patterns, and of the claims of plug-ins."""
    found = [path for pattern in patterns for path in FOLDER.glob(pattern) if path.is_file()]
    found += [path for folder in plugins if (path := Path(folder) / "claims.yaml").is_file()]
    return digest(found, CHECKSUMS)
