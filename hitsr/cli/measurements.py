"""Verbs that measure networks, and collect what was measured."""

from pathlib import Path
from typing import Annotated

import typer

from hitsr.cli.app import (
    CONFIG,
    DATA,
    DEFAULT_CONFIG,
    METHOD,
    OUTPUT,
    SCALE,
    SEED,
    SETTINGS,
    app,
    given,
    renamed,
    weights_of,
)
from hitsr.errors import ConfigError

OUTPUT_OF_PAPERS = (1280, 720)
"""Width and height of the image that papers count for."""


@app.command()
def count(
    network: Annotated[
        str | None,
        typer.Argument(help="Count a network (`hitsr networks`, or FILE.py:Class) without a run, and print it."),
    ] = None,
    method: METHOD = None,
    scale: SCALE = None,
    output: OUTPUT = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Parameters, multiply-adds by four counters (and what each leaves out), activations."""
    if network is not None:
        _print_counts(network, [scale] if scale else [2, 3, 4])
        return
    from hitsr.configuration.steps import CountSettings
    from hitsr.measure.count.run import run

    step, layout = given(CountSettings, settings, config, method=method, scale=scale)
    run(step, output or layout.count(step.method, step.scale))


def _print_counts(network: str, scales: list[int]) -> None:
    """A table of what a network costs at its published size, for an output of 1280x720 pixels."""
    from rich.console import Console
    from rich.table import Table

    from hitsr.measure.count.run import published_size

    width, height = OUTPUT_OF_PAPERS
    table = Table("Network", "Scale", "Parameters (K)", f"Multiply-adds (G), output {width}x{height}")
    for scale in scales:
        found = {row["quantity"]: row["value"] for row in published_size(network, scale, OUTPUT_OF_PAPERS)}
        parameters, macs = (found[f"{name}_published_size"] for name in ("parameters", "macs"))
        table.add_row(network, f"x{scale}", f"{parameters / 1e3:,.1f}", f"{macs / 1e9:,.2f}")
    Console().print(table)


@app.command(name="time")
def time_(
    scale: SCALE = None,
    resolutions: Annotated[
        bool, typer.Option("--resolutions", help="At several sizes of the image instead (`latency.resolutions`).")
    ] = False,
    attention: Annotated[
        bool, typer.Option("--attention", help="Attention and correlation alone, against the size of the window.")
    ] = False,
    output: OUTPUT = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
    growth: Annotated[bool, typer.Option("--growth", hidden=True)] = False,
) -> None:
    """Latency and peak memory of the networks of the run, interleaved. Run nothing beside it."""
    from hitsr.configuration.steps import AttentionSettings, ResolutionsSettings, TimeSettings

    if growth:
        renamed("time --growth", "time --resolutions")
    if attention and (resolutions or growth):
        raise ConfigError("--resolutions and --attention: one at a time")
    if attention:
        from hitsr.measure.attention_cost.run import run as run_attention

        alone, layout = given(AttentionSettings, settings, config)
        run_attention(alone, output or layout.time_attention)
        return
    from hitsr.measure.time.run import run

    several = resolutions or growth
    step, layout = given(ResolutionsSettings if several else TimeSettings, settings, config, scale=scale)
    run(step, output or (layout.time_resolutions if several else layout.time)(step.scale))


@app.command(hidden=True)
def operators(output: OUTPUT = None, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Former name of `hitsr time --attention`."""
    renamed("operators", "time --attention")
    time_(attention=True, output=output, config=config)


@app.command()
def attribute(
    method: METHOD = None,
    scale: SCALE = None,
    seed: SEED = 0,
    data: DATA = None,
    folder: Annotated[
        Path | None, typer.Option(help="Folder for attribution.json and maps.npz; in results/RUN if left out.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Weights: ours, or the official repository's; those of the run if left out.")
    ] = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Local attribution maps with diffusion index, and the effective receptive field, of one network."""
    from hitsr.configuration.steps import AttributeSettings
    from hitsr.measure.attribute.run import run

    step, layout = given(AttributeSettings, settings, config, method=method, scale=scale, seed=seed)
    place = (step.method, step.scale, step.seed)
    file = weights or weights_of(step, layout)
    run(step, file, data or layout.data, folder or layout.attribute(*place))


@app.command()
def collect(
    output: OUTPUT = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Put all measurements into one long table, one number per row."""
    from hitsr.configuration.steps import CollectSettings
    from hitsr.results.collecting import run

    step, layout = given(CollectSettings, settings, config)
    run(step, output or layout.measurements)
