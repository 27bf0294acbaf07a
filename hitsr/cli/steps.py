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
    app,
    read_config,
    read_dataset,
    read_method,
)
from hitsr.configuration import train_of
from hitsr.errors import ConfigError
from hitsr.results import dependencies


@app.command()
def prepare(
    dataset: DATASET,
    scale: SCALE,
    folder: Annotated[Path, typer.Option(help="Folder to make the data set in.")],
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Make the high- and low-resolution images of a data set."""
    from hitsr.data import prepare as step

    settings, entry = read_dataset(config, dataset)
    step.prepare(entry, dataset, scale, folder, Path(settings["data_root"]))


@app.command()
def pack(
    folder: Annotated[Path, typer.Option(help="Folder of a prepared data set.")],
    scale: SCALE,
    part: Annotated[str, typer.Option(help="HR, or xS for the low-resolution images of scale S.")],
) -> None:
    """Decode a data set once, into one array that trainings read patches from; `train` does so by itself."""
    from hitsr.data import packed

    if part not in ("HR", f"x{scale}"):
        raise ConfigError(f"--part {part}: expected HR or x{scale}")
    packed.pack(folder, scale, part)


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
    """Train a network; called again after an interruption, it goes on from the last saved state.

    On several GPUs, with the same result up to rounding:
    `torchrun --standalone --nproc-per-node 4 -m hitsr train ...`
    """
    from hitsr.training.run import run
    from hitsr.training.task import Task
    from hitsr.training.validation import Validation

    settings, entry = read_method(config, method)
    if entry["network"] is None:
        raise ConfigError(f"{method} is an interpolation: there is nothing to train")
    if settings["training_set"] is None:
        raise ConfigError(f"{config}: training_set: name a data set to train on")
    validation = data / settings["validation_set"] if settings["validation_set"] else None
    task = Task(
        method=method,
        network=entry["network"],
        options=entry["options"],
        scale=scale,
        seed=seed,
        train=train_of(settings, method, scale),
        training_set=data / settings["training_set"],
        validation_set=validation,
        folder=folder,
        start=start,
        digests=dependencies.of_training(settings, method, scale, seed),
    )
    run(task, Validation(validation, scale) if validation else None)


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
    from hitsr.restore import run as step

    settings, entry = read_method(config, method)
    if entry["network"] is None:
        upscaler = step.bicubic(scale)
    else:
        if weights is None:
            raise ConfigError(f"{method}: give its weights with --weights FILE")
        upscaler = step.network(weights, entry["network"], scale, entry["options"], settings["restore"])
    identity = {"method": method, "scale": scale, "seed": seed}
    digests = dependencies.of_images(settings, method, scale)
    step.run(upscaler, identity, data, settings["test_sets"], folder, digests, weights if entry["network"] else None)


@app.command()
def score(
    images: Annotated[Path, typer.Option(help="images.json of the super-resolved images.")],
    data: DATA,
    output: OUTPUT,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """PSNR and SSIM of every super-resolved image, by the `paper` protocol."""
    from hitsr.measure import score as evaluate

    evaluate.run(images, data, output, dependencies.of_quality(read_config(config)))


@app.command()
def upscale(
    images: Annotated[list[Path], typer.Argument(help="Images, or folders of images.")],
    weights: Annotated[Path, typer.Option(help="Weights: ours, or the official repository's.")],
    folder: Annotated[Path, typer.Option(help="Folder for NAME_xS.png.")],
    network: Annotated[str | None, typer.Option(help="Network of official weights, such as HiT-SRF.")] = None,
    scale: Annotated[int | None, typer.Option(help="Scale of official weights.")] = None,
    precision: Annotated[str, typer.Option(help="float32, tf32 (CUDA) or bfloat16.")] = "float32",
    max_memory: Annotated[
        str | None, typer.Option(help="Memory such as 2GiB beyond weights and image; the result is the same.")
    ] = None,
    tile: Annotated[
        int | None, typer.Option(help="Side of tiles in pixels: an approximation that needs little memory.")
    ] = None,
) -> None:
    """Super-resolve any images with trained weights, whole and exactly whatever their size."""
    from hitsr.data.folders import list_images
    from hitsr.devices import choose_device
    from hitsr.networks.checkpoints import load, load_any
    from hitsr.restore.run import upscale_files

    if (network is None) != (scale is None):
        raise ConfigError("--network and --scale: official weights need both, our own files neither")
    model = load(weights) if network is None else load_any(weights, network, scale, {})
    files = [file for path in images for file in (list_images(path) if path.is_dir() else [path])]
    how = {"precision": precision, "max_memory": max_memory, "tile": tile}
    upscale_files(model.to(choose_device("auto")), files, folder, how)
