"""From images to weights to super-resolved and scored images: a verb per step."""

from pathlib import Path
from typing import Annotated

import typer

from hitsr.cli.app import (
    CONFIG,
    DATA,
    DATASET,
    DEFAULT_CONFIG,
    METHOD,
    OUTPUT,
    SCALE,
    SEED,
    SETTINGS,
    app,
    given,
    test_sets,
    weights_of,
)
from hitsr.errors import ConfigError


@app.command()
def prepare(
    dataset: DATASET = None,
    scale: SCALE = None,
    folder: Annotated[
        Path | None, typer.Option(help="Folder to make the data set in; its place in results/RUN/data if left out.")
    ] = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Make the high- and low-resolution images of a data set."""
    from hitsr.configuration.steps import PrepareSettings
    from hitsr.data.prepare import prepare as run
    from hitsr.data.sources import digest
    from hitsr.results.layout import CHECKSUMS
    from hitsr.results.provenance import Stopwatch

    step, layout = given(PrepareSettings, settings, config, dataset=dataset, scale=scale)
    root = Path(step.data_root) if step.data_root else None
    contents = digest(step.entry, step.dataset, step.scale, root, CHECKSUMS)
    origin = {"contents": contents, "provenance": Stopwatch().provenance(**step.origin)}
    run(step.entry, step.dataset, step.scale, folder or layout.dataset(step.dataset), root, origin)


@app.command()
def pack(
    dataset: DATASET = None,
    part: Annotated[str | None, typer.Option(help="HR, or xS for the low-resolution images of scale S.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Folder of the prepared data set; its place in results/RUN/data if left out.")
    ] = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Decode a data set once, into one array that trainings read patches from; `train` does so by itself."""
    from hitsr.configuration.steps import PackSettings
    from hitsr.data.packed import pack as run

    step, layout = given(PackSettings, settings, config, dataset=dataset, part=part)
    run(folder or layout.dataset(step.dataset), step.scale, step.part)


@app.command()
def train(
    method: METHOD = None,
    scale: SCALE = None,
    seed: SEED = 0,
    data: DATA = None,
    folder: Annotated[
        Path | None, typer.Option(help="Folder for weights.safetensors and history.json; in results/RUN if left out.")
    ] = None,
    start: Annotated[Path | None, typer.Option(help="x2 weights to start x3 or x4 from.")] = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Train a network; called again after an interruption, it goes on from the last saved state.

    On several GPUs, with the same result up to rounding:
    `torchrun --standalone --nproc-per-node 4 -m hitsr train ...`
    """
    from hitsr.configuration.steps import TrainSettings
    from hitsr.data.layout import record_path
    from hitsr.training.run import run
    from hitsr.training.task import Task
    from hitsr.training.validation import Validation

    step, layout = given(TrainSettings, settings, config, method=method, scale=scale, seed=seed)
    data = data or layout.data
    validation = data / step.validation_set if step.validation_set else None
    if step.starts_from_x2:
        start = start or layout.weights(step.method, 2, step.seed)
    names = (step.training_set, step.validation_set, *step.watched_sets)
    lists = [record_path(data / name, step.scale) for name in names if name]
    task = Task(
        method=step.method,
        network=step.network.name,
        options=step.network.options,
        scale=step.scale,
        seed=step.seed,
        train=step.keys,
        training_set=data / step.training_set,
        validation_set=validation,
        watched_sets={name: data / name for name in step.watched_sets},
        folder=folder or layout.train(step.method, step.scale, step.seed),
        start=start,
        digests=step.origin_of(*lists, start),
    )
    watched = {name: Validation(path, step.scale) for name, path in task.watched_sets.items()}
    run(task, Validation(validation, step.scale) if validation else None, watched)


@app.command()
def restore(
    method: METHOD = None,
    scale: SCALE = None,
    dataset: DATASET = None,
    seed: SEED = 0,
    data: DATA = None,
    folder: Annotated[
        Path | None, typer.Option(help="Folder for DATASET/NAME.png and DATASET.json; in results/RUN if left out.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Weights: ours, or the official repository's; those of the run if left out.")
    ] = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Super-resolve a data set with one method, into PNG files; all test sets if left out."""
    from hitsr.configuration.steps import RestoreSettings
    from hitsr.data.layout import record_path
    from hitsr.data.prepared import open_prepared
    from hitsr.restore import run as restoring
    from hitsr.restore.given import ready

    for name in test_sets(settings, config, dataset):
        step, layout = given(RestoreSettings, settings, config, method=method, scale=scale, seed=seed, dataset=name)
        place = (step.method, step.scale, step.seed)
        file = None
        if step.network is not None:
            from hitsr.restore.networks import network

            file = weights or weights_of(step, layout)
            upscaler = network(file, step.network.name, step.scale, step.network.options, step.keys)
        elif step.interpolation is not None:
            upscaler = restoring.interpolation(step.interpolation, step.scale)
        elif step.images is not None:
            names = open_prepared((data or layout.data) / step.dataset, step.scale).names
            upscaler = ready(step.images, step.dataset, step.scale, names, strict=step.ready is None)
        else:
            raise ConfigError(f"{step.method}: is no network, no interpolation, and has no images")
        identity = {"method": step.method, "scale": step.scale, "seed": step.seed, "dataset": step.dataset}
        sets, images = data or layout.data, folder or layout.restore(*place)
        origin = step.origin_of(record_path(sets / step.dataset, step.scale), file)
        restoring.run(upscaler, identity, sets, images, origin, file)


@app.command()
def score(
    method: METHOD = None,
    scale: SCALE = None,
    dataset: DATASET = None,
    seed: SEED = 0,
    images: Annotated[
        Path | None, typer.Option(help="List of the super-resolved images; the one in results/RUN if left out.")
    ] = None,
    data: DATA = None,
    output: OUTPUT = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """Metrics of every super-resolved image of a data set; of all test sets if left out."""
    from hitsr.configuration.steps import ScoreSettings
    from hitsr.data.layout import record_path
    from hitsr.measure.score import run

    for name in test_sets(settings, config, dataset):
        step, layout = given(ScoreSettings, settings, config, method=method, scale=scale, seed=seed, dataset=name)
        place = (step.method, step.scale, step.seed, step.dataset)
        restored, sets = images or layout.restored(*place), data or layout.data
        origin = step.origin_of(restored, record_path(sets / step.dataset, step.scale))
        run(restored, sets, output or layout.score(*place), origin, step.metrics, step.plugins)


@app.command()
def bicubic(
    dataset: DATASET = None,
    scale: SCALE = None,
    data: DATA = None,
    output: OUTPUT = None,
    config: CONFIG = DEFAULT_CONFIG,
    settings: SETTINGS = None,
) -> None:
    """PSNR and SSIM of bicubic interpolation by the protocol of the row that papers print: see docs/protocol.md."""
    from hitsr.configuration.steps import BicubicSettings
    from hitsr.measure.printed_bicubic import run

    step, layout = given(BicubicSettings, settings, config, dataset=dataset, scale=scale)
    run(step, data or layout.data, output or layout.bicubic(step.scale, step.dataset))
