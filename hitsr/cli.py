"""The command line: one verb per step of a run, each of which also works without the workflow."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hitsr import dependencies
from hitsr.ablations import all_methods
from hitsr.configuration import read_yaml, resolve
from hitsr.errors import ConfigError, HitsrError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Benchmark super-resolution networks: every number of a table, measured.

    `snakemake --cores 8 all` calls these verbs in order; each also works alone:
    **prepare** images, **train**, **restore** (super-resolve), **score**, **count**, **time**, **attribute**,
    **collect**, choose **crops**, **render**.
    """,
)

CONFIG = Annotated[
    Path, typer.Option("--config", "-c", help="Configuration of the run (YAML or JSON); config/README.md has all keys.")
]
METHOD = Annotated[str, typer.Option(help="A method of the configuration, such as HiT-SIR.")]
SCALE = Annotated[int, typer.Option(help="Scale factor: 2, 3 or 4.")]
SEED = Annotated[int, typer.Option(help="Seed of the training.")]
DATA = Annotated[Path, typer.Option(help="Folder of the prepared data sets.")]
OUTPUT = Annotated[Path, typer.Option("--output", "-o", help="File to write.")]
DEFAULT_CONFIG = Path("config/config.yaml")


class Kind(StrEnum):
    """What `hitsr render` makes."""

    table = "table"
    figure = "figure"
    page = "page"
    claims = "claims"


def main() -> None:
    """Run a verb; an error that the user can cure is one line and exit status 1."""
    try:
        app()
    except HitsrError as error:
        Console(stderr=True).print(f"[bold red]error:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)


@app.command()
def prepare(
    dataset: Annotated[str, typer.Option(help="A data set of the configuration.")],
    scale: SCALE,
    folder: Annotated[Path, typer.Option(help="Folder to make the data set in.")],
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Make the high- and low-resolution images of a data set."""
    from hitsr.data import prepare as step

    settings = _config(config)
    if dataset not in settings["datasets"]:
        raise ConfigError(f"unknown data set {dataset!r}; {config} has {', '.join(settings['datasets'])}")
    step.prepare(settings["datasets"][dataset], dataset, scale, folder)


@app.command()
def train(
    method: METHOD,
    scale: SCALE,
    data: DATA,
    folder: Annotated[Path, typer.Option(help="Folder for weights.safetensors and history.json.")],
    seed: SEED = 0,
    start: Annotated[Path | None, typer.Option(help="x2 weights to start x3 or x4 from.")] = None,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Train a network; called again after an interruption, it goes on from the last saved state."""
    from hitsr.train import Task, run

    settings, entry = _method(config, method)
    if entry["network"] is None:
        raise ConfigError(f"{method} is an interpolation: there is nothing to train")
    if settings["training_set"] is None:
        raise ConfigError(f"{config}: training_set: name a data set to train on")
    validation = settings["validation_set"]
    task = Task(
        method=method,
        network=entry["network"],
        options=entry["options"],
        scale=scale,
        seed=seed,
        train=entry["train"],
        training_set=data / settings["training_set"],
        validation_set=data / validation if validation else None,
        folder=folder,
        start=start,
        digests=dependencies.of_training(settings, method, scale, seed),
    )
    run(task)


@app.command()
def restore(
    method: METHOD,
    scale: SCALE,
    data: DATA,
    folder: Annotated[Path, typer.Option(help="Folder for DATASET/NAME.png and images.json.")],
    seed: SEED = 0,
    weights: Annotated[Path | None, typer.Option(help="Weights: ours, or the official repository's.")] = None,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Super-resolve the test sets with one method, into PNG files."""
    from hitsr import restore as step

    settings, entry = _method(config, method)
    if entry["network"] is None:
        upscaler = step.bicubic(scale)
    else:
        if weights is None:
            raise ConfigError(f"{method}: give its weights with --weights FILE")
        upscaler = step.network(weights, entry["network"], scale, entry["options"], settings["restore"])
    identity = {"method": method, "scale": scale, "seed": seed}
    digests = dependencies.of_images(settings, method, scale)
    step.run(upscaler, identity, data, settings["test_sets"], folder, digests)


@app.command()
def score(
    images: Annotated[Path, typer.Option(help="images.json of the super-resolved images.")],
    data: DATA,
    output: OUTPUT,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """PSNR and SSIM of every super-resolved image, by the `paper` protocol."""
    from hitsr import evaluate

    evaluate.run(images, data, output, dependencies.of_quality(_config(config)))


@app.command()
def count(method: METHOD, scale: SCALE, output: OUTPUT, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Parameters, multiply-adds by four counters (and what each leaves out), activations."""
    from hitsr import measure

    settings, entry = _method(config, method)
    if entry["network"] is None:
        raise ConfigError(f"{method} is an interpolation: it has no parameters to count")
    measure.complexity(settings, method, scale, output)


@app.command(name="time")
def time_(
    scale: SCALE,
    output: OUTPUT,
    growth: Annotated[bool, typer.Option("--growth", help="At the sizes of `latency.growth` instead.")] = False,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Latency and peak memory of the networks of the run, interleaved. Run nothing beside it."""
    from hitsr import measure

    (measure.growth if growth else measure.latency)(_config(config), scale, output)


@app.command()
def attribute(
    method: METHOD,
    scale: SCALE,
    data: DATA,
    folder: Annotated[Path, typer.Option(help="Folder for attribution.json and maps.npz.")],
    weights: Annotated[Path, typer.Option(help="Weights: ours, or the official repository's.")],
    seed: SEED = 0,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Local attribution maps with diffusion index, and the effective receptive field, of one network."""
    settings, entry = _method(config, method)
    if entry["network"] is None:
        raise ConfigError(f"{method} is an interpolation: there is nothing to attribute")
    import torch

    from hitsr import attribute as step
    from hitsr.checkpoints import load_any
    from hitsr.devices import choose_device

    torch.set_num_threads(settings["attribution"]["threads"])
    model = load_any(weights, entry["network"], scale, entry["options"])
    step.run(
        model.to(choose_device(settings["attribution"]["device"])),
        {"method": method, "scale": scale, "seed": seed},
        data,
        settings["test_sets"],
        settings["attribution"],
        folder,
        dependencies.of_attribution(settings, method, scale),
    )


@app.command()
def operators(output: OUTPUT, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Cost of attention and correlation against the size of the window, each alone. Run nothing beside it."""
    from hitsr import measure

    measure.operators(_config(config), output)


@app.command()
def collect(
    files: Annotated[list[Path], typer.Argument(help="Measurement files.")],
    output: OUTPUT,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Put all measurements into one long table, one number per row."""
    from hitsr import records

    records.collect(_config(config)["run"], files, output)


@app.command()
def crops(
    measurements: Annotated[Path, typer.Option(help="measurements.csv of the run.")],
    output: OUTPUT,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Choose what the visual comparison shows: given crops, or those in which the networks differ most."""
    from hitsr.report import crops as step
    from hitsr.report.measurements import read

    step.write(read(measurements), _config(config), output)


@app.command()
def render(
    kind: Annotated[Kind, typer.Argument(help="What to make.")],
    measurements: Annotated[Path, typer.Option(help="measurements.csv of the run.")],
    folder: Annotated[Path, typer.Option(help="Folder to write into.")],
    name: Annotated[str, typer.Option(help="Table or figure.")] = "main",
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Make a table (Markdown, LaTeX, CSV), a figure (SVG, PDF, PNG), the claims card, or the report page (HTML)."""
    settings = _config(config)
    if kind is Kind.table:
        from hitsr.report import tables

        tables.render(name, measurements, settings, folder)
    elif kind is Kind.figure:
        from hitsr.report import figures

        figures.render(name, measurements, settings, folder)
    elif kind is Kind.claims:
        from hitsr.report import claims

        claims.render(measurements, settings, folder)
    else:
        from hitsr.report import page

        page.render(measurements, settings, folder)


@app.command(name="list")
def list_(config: CONFIG = DEFAULT_CONFIG) -> None:
    """List every table and figure, what it shows, and the command that makes just that."""
    from hitsr.report import contents

    settings = _config(config)
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


@app.command()
def methods(config: CONFIG = DEFAULT_CONFIG) -> None:
    """List the methods of a configuration, and the variants of its ablations."""
    table = Table("Method", "Network", "Options")
    for name, entry in all_methods(_config(config)).items():
        table.add_row(
            name, entry["network"] or "interpolation", ", ".join(f"{k}={v}" for k, v in entry["options"].items())
        )
    Console().print(table)


@app.command()
def options(network: Annotated[str, typer.Argument(help="A network, such as HiT-SIR.")]) -> None:
    """List the options of a network and their defaults."""
    from hitsr.catalogue import network_options

    table = Table("Option", "Default")
    for name, default in network_options(network).items():
        table.add_row(name, str(default))
    Console().print(table)


@app.command()
def photographs() -> None:
    """List the embedded photographs with their licences."""
    from hitsr.data.photographs import PHOTOGRAPHS

    table = Table("Name", "Source", "Licence")
    for name, photograph in PHOTOGRAPHS.items():
        table.add_row(name, photograph.source, photograph.licence)
    Console().print(table)


def _config(path: Path) -> dict:
    return resolve(read_yaml(path))


def _method(path: Path, method: str) -> tuple[dict, dict]:
    settings = _config(path)
    known = all_methods(settings)
    if method not in known:
        raise ConfigError(f"unknown method {method!r}; {path} has {', '.join(known)}")
    return settings, known[method]
