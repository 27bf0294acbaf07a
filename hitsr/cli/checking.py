"""Looking at a configuration before anything runs."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import CONFIG, DEFAULT_CONFIG, app, read_config
from hitsr.configuration import read_yaml
from hitsr.errors import printable
from hitsr.schema.places import located

check_app = typer.Typer(invoke_without_command=True)
app.add_typer(check_app, name="check")


@check_app.callback()
def check(
    context: typer.Context,
    config: CONFIG = DEFAULT_CONFIG,
    dataset: Annotated[list[str] | None, typer.Option(help="Look at the images of these data sets only.")] = None,
    images: Annotated[bool, typer.Option(help="Look at images; without them, networks and weights alone.")] = True,
) -> None:
    """Check a configuration and all that it names: networks, weights, papers, images; a workflow starts with this."""
    if context.invoked_subcommand is not None:
        return
    from hitsr.configuration.preflight import preflight

    found = preflight(read_config(config), (dataset or None) if images else ())
    # a JSON file is a workflow's own copy: its lines are not those of the user's file
    raw = None if config.suffix == ".json" else read_yaml(config)
    if found.wrong:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        for line in found.wrong:
            console.print(f"[bold red]error:[/] {escape(printable(located(raw, line)))}")
        raise typer.Exit(1)
    Console(highlight=False, soft_wrap=True).print(f"{escape(str(config))}: nothing is wrong: {found}")
