"""Verbs about data sets: which there are, getting public ones, and photographs that are in two of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import CONFIG, DATA, DEFAULT_CONFIG, OUTPUT, SETTINGS, app, given, read_config
from hitsr.errors import ConfigError, ImageError, printable

if TYPE_CHECKING:
    from hitsr.configuration.steps import DownloadSettings


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
            console.print(f"    [green]found:[/] {escape(printable(', '.join(map(str, folders_of(images)))))}")
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
    settings: SETTINGS = None,
) -> None:
    """Get public data sets: what lies under `data_root` in a customary layout is taken, the rest downloaded there.

    An interrupted download goes on where it was. Sizes and checksums are checked where they are known.
    """
    from hitsr.configuration.steps import DownloadSettings
    from hitsr.configuration.steps.data import download as settings_of

    if output is not None and dataset is None and settings is None:
        raise ConfigError("--output: give the one data set that it is about with --dataset")
    if settings is not None or dataset is not None:
        step, layout = given(DownloadSettings, settings, config, dataset=dataset)
        _download(step, output or (layout.source(step.dataset) if settings else None))
        return
    resolved = read_config(config)
    for name, entry in resolved["datasets"].items():
        if "public" in entry:
            _download(settings_of(resolved, name), None)


def _download(step: "DownloadSettings", output: Path | None) -> None:
    from hitsr.data.acquire import acquire
    from hitsr.results.provenance import Stopwatch
    from hitsr.results.records import write_record

    console, errors = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
    watch = Stopwatch()
    found = acquire(step.public, Path(step.data_root), lambda text: errors.print(escape(text)))
    where = printable(", ".join(map(str, found.folders)))
    homes = "".join(f", from {home}" for home in found.homes)
    console.print(f"{step.dataset}: {found.images} images in {escape(where)}{homes}")
    if output is not None:
        record = {"folders": found.folders, "images": found.images, "homes": found.homes}
        identity = {"kind": "source", "name": step.dataset, "public": step.public}
        write_record(output, {**identity, **record, "provenance": watch.provenance(**step.origin)})


@app.command()
def leaks(data: DATA = None, output: OUTPUT = None, config: CONFIG = DEFAULT_CONFIG, settings: SETTINGS = None) -> None:
    """Look for photographs that are in two data sets of a run, also scaled, turned or slightly cropped."""
    from hitsr.configuration.steps import LeaksSettings
    from hitsr.data.leaks import LEAK, run

    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    step, layout = given(LeaksSettings, settings, config)
    for pair in run(step, data or layout.data, output or layout.leaks):
        grave = pair.kind == LEAK
        errors.print(f"[bold red]LEAK:[/] {escape(str(pair))}" if grave else f"duplicate: {escape(str(pair))}")
