"""Verbs that render what was measured."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import CONFIG, DEFAULT_CONFIG, OUTPUT, app, read_config


class Kind(StrEnum):
    """What `hitsr render` makes."""

    table = "table"
    figure = "figure"
    page = "page"
    claims = "claims"


@app.command()
def crops(
    measurements: Annotated[Path, typer.Option(help="measurements.csv of the run.")],
    output: OUTPUT,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Choose what the visual comparison shows: given crops, or those in which the networks differ most."""
    from hitsr.analysis import crops as step
    from hitsr.analysis.measurements import read

    step.write(read(measurements), read_config(config), output)


@app.command()
def render(
    kind: Annotated[Kind, typer.Argument(help="What to make.")],
    measurements: Annotated[Path, typer.Option(help="measurements.csv of the run.")],
    folder: Annotated[Path, typer.Option(help="Folder to write into.")],
    name: Annotated[str, typer.Option(help="Table or figure.")] = "main",
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Make a table (Markdown, LaTeX, CSV), a figure (SVG, PDF, PNG), the claims card, or the report page (HTML)."""
    settings = read_config(config)
    if kind is Kind.table:
        from hitsr.report import tables

        tables.render(name, measurements, settings, folder)
    elif kind is Kind.figure:
        from hitsr.report import figures

        figures.render(name, measurements, settings, folder)
    elif kind is Kind.claims:
        from hitsr.analysis import claims

        claims.render(measurements, settings, folder)
    else:
        from hitsr.report import page

        page.render(measurements, settings, folder)


@app.command(name="list")
def list_(config: CONFIG = DEFAULT_CONFIG) -> None:
    """List every table and figure, what it shows, and the command that makes just that."""
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
