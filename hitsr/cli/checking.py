"""Looking at a configuration before anything runs."""

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import CONFIG, DEFAULT_CONFIG, app, read_config
from hitsr.errors import printable


@app.command()
def check(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Check a configuration and all that it names: networks, weights, papers, images; a workflow starts with this."""
    from hitsr.configuration.preflight import preflight

    found = preflight(read_config(config))
    if found.wrong:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        for line in found.wrong:
            console.print(f"[bold red]error:[/] {escape(printable(line))}")
        raise typer.Exit(1)
    Console(highlight=False, soft_wrap=True).print(f"{escape(str(config))}: nothing is wrong: {found}")
