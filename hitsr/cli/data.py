"""Verbs about data sets: which there are, getting public ones, and photographs that are in two of them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import CONFIG, DATA, DEFAULT_CONFIG, OUTPUT, app, read_config, read_dataset
from hitsr.errors import ConfigError, ImageError
from hitsr.results import dependencies


@app.command()
def datasets(config: CONFIG = DEFAULT_CONFIG) -> None:
    """List the public data sets: where each is on this machine, or where it would be downloaded from."""
    from hitsr.configuration.datasets import catalogue
    from hitsr.data.adoption import adopted, candidates, folders_of

    root = Path(read_config(config)["data_root"])
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"Under {root}/ (key `data_root`); a configuration names one by `datasets: {{mine: {{public: NAME}}}}`"
    )
    found = catalogue()
    for name, entry in found["sets"].items():
        console.print(
            f"[bold]{name}[/]  {entry['images']} images, {escape(entry['source'])}; {escape(entry['licence'])}"
        )
        try:
            images = adopted(name, root)
        except ImageError as error:
            console.print(f"    [yellow]not usable:[/] {escape(str(error))}")
            continue
        if images is not None:
            console.print(f"    [green]found:[/] {', '.join(map(str, folders_of(images)))}")
        elif entry["parts"]:
            console.print(f"    made of {' and '.join(entry['parts'])}")
        elif entry["archives"]:
            console.print(f"    looked for in {', '.join(' + '.join(folders) for folders in candidates(name))}")
            for offer in entry["archives"]:
                archive = found["archives"][offer["archive"]]
                size = f" ({archive['bytes'] / 1e9:.2f} GB)" if "bytes" in archive else ""
                console.print(f"    [cyan]{archive['homes'][0]}[/]{size} to {offer['to']}")
        else:
            console.print(f"    by hand: {escape(entry['manual'])}")


@app.command()
def download(
    dataset: Annotated[
        str | None, typer.Option(help="A data set of the configuration; all its public ones if left out.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File that says where the images of --dataset lie.")
    ] = None,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Get public data sets: what lies under `data_root` in a customary layout is taken, the rest downloaded there.

    An interrupted download goes on where it was. Sizes and checksums are checked where they are known.
    """
    from hitsr.atomic import write_json
    from hitsr.data.acquire import acquire
    from hitsr.results.provenance import Stopwatch

    settings = read_config(config)
    entries = settings["datasets"] if dataset is None else {dataset: read_dataset(config, dataset)[1]}
    public = {name: entry["public"] for name, entry in entries.items() if "public" in entry}
    if dataset is not None and not public:
        raise ConfigError(f"config.datasets.{dataset}: is not a public data set; there is nothing to download")
    if output is not None and dataset is None:
        raise ConfigError("--output: give the one data set that it is about with --dataset")
    console, errors = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
    for name, wanted in public.items():
        watch = Stopwatch()
        found = acquire(wanted, Path(settings["data_root"]), lambda text: errors.print(escape(text)))
        where = ", ".join(map(str, found.folders))
        console.print(f"{name}: {found.images} images in {where}" + "".join(f", from {home}" for home in found.homes))
        if output is not None:
            provenance = watch.provenance(**dependencies.of_source(settings, name))
            record = {"folders": found.folders, "images": found.images, "homes": found.homes, "provenance": provenance}
            write_json(output, {"kind": "source", "name": name, "public": wanted, **record})


@app.command()
def leaks(data: DATA, output: OUTPUT, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Look for photographs that are in two data sets of a run, also scaled, turned or slightly cropped."""
    from hitsr.data import leaks as step

    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    settings = read_config(config)
    for pair in step.run(settings, data, output, dependencies.of_leaks(settings)):
        grave = pair.kind == step.LEAK
        errors.print(f"[bold red]LEAK:[/] {escape(str(pair))}" if grave else f"duplicate: {escape(str(pair))}")
