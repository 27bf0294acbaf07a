"""Verbs that render what was measured."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import CONFIG, DEFAULT_CONFIG, OUTPUT, SETTINGS, app, given, read_config

MEASUREMENTS = Annotated[
    Path | None, typer.Option(help="measurements.csv of the run; in results/RUN if left out.", show_default=False)
]


class Kind(StrEnum):
    """What `hitsr render` makes."""

    table = "table"
    figure = "figure"
    page = "page"
    claims = "claims"


@app.command()
def crops(
    measurements: MEASUREMENTS = None,
    output: OUTPUT = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Choose what the visual comparison shows: given crops, or those in which the networks differ most."""
    from hitsr.analysis.crops import write
    from hitsr.analysis.measurements import read
    from hitsr.configuration.steps import CropsSettings

    step, layout = given(CropsSettings, settings, config)
    write(read(measurements or layout.measurements), step.config, output or layout.crops)


@app.command()
def render(
    kind: Annotated[Kind, typer.Argument(help="What to make.")],
    name: Annotated[str, typer.Option(help="Table or figure.")] = "main",
    measurements: MEASUREMENTS = None,
    folder: Annotated[
        Path | None, typer.Option(help="Folder to write into; its place in reports/RUN if left out.")
    ] = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Make a table (Markdown, LaTeX, CSV), a figure (SVG, PDF, PNG), the claims card, or the report page (HTML)."""
    from hitsr.configuration import steps

    if kind is Kind.table:
        from hitsr.report import tables

        table, layout = given(steps.TableSettings, settings, config, name=name)
        place = folder or layout.table(name).parent
        tables.render(table.name, measurements or layout.measurements, table.config, place)
    elif kind is Kind.figure:
        from hitsr.report import figures

        figure, layout = given(steps.FigureSettings, settings, config, name=name)
        place = folder or layout.figure(name).parent
        figures.render(figure.name, measurements or layout.measurements, figure.config, place)
    elif kind is Kind.claims:
        from hitsr.report import claims

        card, layout = given(steps.ClaimsSettings, settings, config)
        claims.render(measurements or layout.measurements, card.config, folder or layout.reports)
    else:
        from hitsr.report import page

        whole, layout = given(steps.PageSettings, settings, config)
        page.render(measurements or layout.measurements, whole.config, folder or layout.reports)


@app.command(name="list")
def list_(config: CONFIG = DEFAULT_CONFIG) -> None:
    """List every table, figure, metric and claim, what it shows, and the command that makes just that."""
    from hitsr.configuration.claims import claims
    from hitsr.measure.metrics import declared_metrics
    from hitsr.report import contents

    settings = read_config(config)
    file = None if config == DEFAULT_CONFIG else str(config)
    reports = f"reports/{settings['run']}"
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]everything[/]  {reports}/report.html")
    console.print(f"    [cyan]{contents.command(file, 'all')}[/]")
    console.print("[bold]claims card[/]  Which claims of the paper hold by this run, and what is missing for the rest")
    console.print(f"    [cyan]{contents.command(file, f'{reports}/claims.md')}[/]")
    for kind, entries, suffix in (
        ("tables", contents.tables(settings), "tex"),
        ("figures", contents.figures(settings), "pdf"),
    ):
        wanted = settings["report"][kind]
        for name in sorted(entries, key=lambda name: name not in wanted):
            entry = entries[name]
            paper = f" (paper: {entry.paper})" if entry.paper else ""
            left_out = "" if name in wanted else f"  [dim]not under report.{kind}: made on demand[/]"
            console.print(f"[bold]{kind[:-1]} {name}[/]  {entry.title}{paper}{left_out}")
            console.print(f"    {escape(entry.about)}")
            console.print(f"    [cyan]{contents.command(file, f'{reports}/{kind}/{name}.{suffix}')}[/]")
    console.print("[bold]metrics[/]  What images are scored by: keys of `metrics`")
    for name, found in declared_metrics(settings["plugins"]).items():
        one = found.declaration
        needed = f"  [dim]needs {escape(one.install)}[/]" if one.install else ""
        computed = "  [dim](computed by this run)[/]" if name in settings["metrics"] else ""
        console.print(f"    [bold]{name}[/]  {escape(one.about)}{needed}{computed}")
    console.print("[bold]claims[/]  What the card judges; those under `report.claims` are measured for it")
    for name, claim in claims(settings["plugins"]).items():
        console.print(f"    [bold]{name}[/]  {escape(claim['claim'])}")
