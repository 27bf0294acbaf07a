"""Verbs that list what there is to choose from."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hitsr.cli.app import CONFIG, DEFAULT_CONFIG, app, read_config
from hitsr.configuration.ablations import all_methods


@app.command()
def methods(config: CONFIG = DEFAULT_CONFIG) -> None:
    """List the methods of a configuration, and the variants of its ablations."""
    table = Table("Method", "Network", "Recipe", "Options")
    for name, entry in all_methods(read_config(config)).items():
        options = ", ".join(f"{key}={value}" for key, value in entry["options"].items())
        table.add_row(name, entry["network"] or "interpolation", entry["recipe"] or "", options)
    Console().print(table)


@app.command()
def networks() -> None:
    """List the networks that `hitsr.build` makes."""
    from hitsr.networks.registry import methods

    table = Table("Network", "Options that differ from its class", "Paper", "Note")
    for name, entry in methods().items():
        if entry["network"]:
            changed = ", ".join(f"{key}={value}" for key, value in entry["options"].items())
            table.add_row(name, changed, entry["cite"] or "", entry["note"])
    Console().print(table)


@app.command()
def options(network: Annotated[str, typer.Argument(help="A network, such as HiT-SIR.")]) -> None:
    """List the options of a network and their defaults."""
    from hitsr.networks.registry import network_options

    table = Table("Option", "Default")
    for name, default in network_options(network).items():
        table.add_row(name, str(default))
    Console().print(table)


@app.command()
def recipes() -> None:
    """List the published training recipes that a method can name as its `recipe`, with their sources."""
    from hitsr.configuration.recipes import recipes as published

    console = Console(highlight=False, markup=False)
    for name, entry in published().items():
        console.print(f"{name} ({entry['title']}), for {', '.join(entry['networks'])}")
        console.print("    " + ", ".join(f"{key}: {value}" for key, value in entry["train"].items()))
        console.print(f"    Source: {entry['source']}.")
        if entry["remark"]:
            console.print(f"    Remark: {entry['remark']}.")


@app.command()
def photographs() -> None:
    """List the embedded photographs with their licences."""
    from hitsr.data.photographs import PHOTOGRAPHS

    table = Table("Name", "Source", "Licence")
    for name, photograph in PHOTOGRAPHS.items():
        table.add_row(name, photograph.source, photograph.licence)
    Console().print(table)
