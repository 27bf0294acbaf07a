"""Verbs that measure networks, and collect what was measured."""

from pathlib import Path
from typing import Annotated

import typer

from hitsr.cli.app import CONFIG, DATA, DEFAULT_CONFIG, METHOD, OUTPUT, SCALE, SEED, app, read_config, read_method
from hitsr.errors import ConfigError
from hitsr.results import dependencies


@app.command()
def count(method: METHOD, scale: SCALE, output: OUTPUT, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Parameters, multiply-adds by four counters (and what each leaves out), activations."""
    from hitsr.measure.count.run import run

    settings, entry = read_method(config, method)
    if entry["network"] is None:
        raise ConfigError(f"{method} is an interpolation: it has no parameters to count")
    run(settings, method, scale, output, dependencies.of_complexity(settings, method, scale))


@app.command(name="time")
def time_(
    scale: SCALE,
    output: OUTPUT,
    growth: Annotated[bool, typer.Option("--growth", help="At the sizes of `latency.growth` instead.")] = False,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Latency and peak memory of the networks of the run, interleaved. Run nothing beside it."""
    from hitsr.measure.time.run import run, run_sizes

    settings = read_config(config)
    if growth:
        run_sizes(settings, scale, output, dependencies.of_growth(settings, scale))
    else:
        run(settings, scale, output, dependencies.of_latency(settings, scale))


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
    settings, entry = read_method(config, method)
    if entry["network"] is None:
        raise ConfigError(f"{method} is an interpolation: there is nothing to attribute")
    import torch

    from hitsr.devices import choose_device
    from hitsr.measure.attribute.run import run
    from hitsr.networks.checkpoints import load_any

    torch.set_num_threads(settings["attribution"]["threads"])
    model = load_any(weights, entry["network"], scale, entry["options"])
    run(
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
    from hitsr.measure.attention_cost.run import run

    settings = read_config(config)
    run(settings, output, dependencies.of_operators(settings))


@app.command()
def collect(
    files: Annotated[list[Path], typer.Argument(help="Measurement files.")],
    output: OUTPUT,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Put all measurements into one long table, one number per row."""
    from hitsr.results import records

    records.collect(read_config(config)["run"], files, output)
