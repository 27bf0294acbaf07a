"""The verb that super-resolves images of a user's own."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import app
from hitsr.cli.backends import EAGER, check_backend, in_runtime
from hitsr.cli.weights import SCALES
from hitsr.errors import ConfigError, printable

if TYPE_CHECKING:
    from torch import nn

    from hitsr.restore.files import Outcome
    from hitsr.restore.writing import Extension


@app.command()
def upscale(
    images: Annotated[list[Path], typer.Argument(help="Images, or folders of images.")],
    weights: Annotated[
        Path,
        typer.Option(
            "--weights",
            "-w",
            help="Weights: a file of ours or of an official repository; or a published name such as HiT-SRF, of the "
            "one scale that is here, or with --scale (`hitsr weights list`).",
        ),
    ],
    folder: Annotated[
        Path | None, typer.Option("--folder", "-o", help="Folder for the results; beside each image if left out.")
    ] = None,
    suffix: Annotated[
        str, typer.Option(help="What comes behind the name of each image; {scale} is the scale.")
    ] = "_x{scale}",
    ext: Annotated[
        str, typer.Option(help="png, jpg (quality 95) or webp (without loss): the format of the results.")
    ] = "png",
    flatten: Annotated[
        str | None,
        typer.Option(help="Colour such as '#ffffff' to lay transparent images onto; kept transparent if left out."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto (a GPU where there is one), cpu or cuda.")] = "auto",
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; all cores if left out.")] = None,
    backend: Annotated[
        str,
        typer.Option(
            help="eager is PyTorch. onnxruntime and openvino run a graph on the CPU, which is exported once for the "
            "weights and kept in ~/.cache/hitsr: for convolutional networks (IMDN, CARN). That of a transformer takes "
            "half a minute to export and much memory, and is not faster for photographs."
        ),
    ] = EAGER,
    precision: Annotated[str, typer.Option(help="float32, tf32 (CUDA) or bfloat16.")] = "float32",
    max_memory: Annotated[
        str | None,
        typer.Option(
            help="Memory such as 2GiB beyond weights and image; the result is the same. With --backend, PyTorch "
            "computes images whose graph is expected to take more."
        ),
    ] = None,
    tile: Annotated[
        int | None, typer.Option(help="Side of tiles in pixels: an approximation that needs little memory.")
    ] = None,
    self_ensemble: Annotated[
        bool, typer.Option("--self-ensemble", help="Mean over eight flips and turns: better, eight times as slow.")
    ] = False,
    network: Annotated[
        str | None, typer.Option(help="Network of official weights, where they are not recognised.")
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option(min=2, max=4, help="Scale of published weights, or of a file that is not recognised."),
    ] = None,
) -> None:
    """Super-resolve any images with trained weights, whole and exactly whatever their size.

    Network and scale are told from the weights. Photographs are turned upright; colour profile and transparency are
    kept. An image that cannot be done is named, the others are done, and the exit status is 1.

    **Example:** `hitsr upscale photos/ --weights weights.safetensors --folder large`
    """
    import torch

    from hitsr.devices import choose_device
    from hitsr.restore.files import Target, find, upscale_files

    extension = _extension(ext)
    _check_options(suffix, folder, flatten, device, max_memory, tile)
    check_backend(backend, device, precision)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    files, passed_over = find(images)
    for path, why in passed_over.items():
        errors.print(f"{escape(printable(str(path)))}: passed over, {why}")
    if threads is not None:
        torch.set_num_threads(threads)
    model = model_of(weights, network, scale, errors)
    model = model.to(choose_device(device)) if backend == EAGER else in_runtime(model, backend)
    start = time.perf_counter()
    how = {"precision": precision, "max_memory": max_memory, "tile": tile, "self_ensemble": self_ensemble}
    outcome = upscale_files(model, files, Target(folder, suffix, extension), flatten, how)
    summary = _summary(model, backend, outcome, time.perf_counter() - start)
    Console(highlight=False, soft_wrap=True).print(escape(summary))
    if outcome.failed:
        raise typer.Exit(1)


def _extension(ext: str) -> "Extension":
    """The format of the results."""
    from hitsr.restore.writing import Extension

    extension = ext.lower().removeprefix(".")
    if extension not in get_args(Extension):
        raise ConfigError(f"--ext {ext}: expected one of {', '.join(get_args(Extension))}")
    return cast(Extension, extension)


def _check_options(
    suffix: str, folder: Path | None, flatten: str | None, device: str, max_memory: str | None, tile: int | None
) -> None:
    """Refuse options that no image could be done with.

    Raises:
        ConfigError: with the option and what it may be.
    """
    from hitsr.data.decoding import colour_of
    from hitsr.restore.inference import TILE_OVERLAP, size_in_bytes
    from hitsr.schema.types import Device

    if "/" in suffix or "\0" in suffix:
        raise ConfigError(f"--suffix {suffix}: expected part of a file name; give the folder with --folder")
    if not suffix and folder is None:
        raise ConfigError("--suffix '': results would take the place of images; give another place with --folder")
    if device not in get_args(Device):
        raise ConfigError(f"--device {device}: expected one of {', '.join(get_args(Device))}")
    if flatten is not None:
        colour_of(flatten)
    if max_memory is not None:
        size_in_bytes(max_memory)
    if tile is not None and tile < TILE_OVERLAP:
        raise ConfigError(f"--tile {tile}: expected at least {TILE_OVERLAP} pixels")


def model_of(weights: Path, network: str | None, scale: int | None, errors: Console) -> "nn.Module":
    """The network of a file of weights, or of a published name."""
    from hitsr.checkpoints.loading import load, load_any
    from hitsr.configuration.weights import catalogue, weights_root
    from hitsr.data.fetch_weights import fetch
    from hitsr.schema.types import unknown

    name = str(weights)
    if not weights.exists() and weights.suffix == "" and weights.name == name:
        if name not in catalogue():
            raise ConfigError(f"--weights {name}: no such file, and {unknown('published name', name, catalogue())}")
        if network is not None:
            raise ConfigError(f"--weights {name}: a published name says the network; leave out --network")
        scale = scale or _only_scale(name, weights_root())
        file = fetch(name, scale, weights_root(), lambda text: errors.print(escape(text)))
        return load_any(file, name, scale, {})
    if network is not None and scale is not None:
        return load_any(weights, network, scale, {})
    if network is not None or scale is not None:
        raise ConfigError("--network (or --method) and --scale: a file that is not recognised needs both")
    return load(weights)


def _only_scale(network: str, root: Path) -> int:
    """The scale of the published weights that are here, if they are of one scale.

    Raises:
        ConfigError: they are of several, or there are none.
    """
    from hitsr.configuration.published_weights import find

    here = [scale for scale in SCALES if find(network, scale, root) is not None]
    if len(here) != 1:
        known = (
            f"here are those of {', '.join(f'x{scale}' for scale in here)}"
            if here
            else f"none are under {root}/ (`hitsr weights list {network}`)"
        )
        raise ConfigError(f"--weights {network}: {known}; choose one with --scale 2, 3 or 4")
    return here[0]


def _summary(model: "nn.Module", backend: str, outcome: "Outcome", seconds: float) -> str:
    """One line: what made what, and where it is."""
    from hitsr.networks.identity import identity

    made, count = identity(model), len(outcome.written)
    device = next(model.parameters()).device
    by = "" if backend == EAGER else f" by {backend}"
    what = f"{made.name} x{made.scale}{by} on {device}, {seconds:.1f} s"
    if not outcome.written:
        return f"nothing written ({what}); {len(outcome.failed)} failed"
    where = dict.fromkeys(path.parent for path in outcome.written)
    place = outcome.written[0] if count == 1 else f"{count} images in {', '.join(map(str, where))}"
    return printable(f"written: {place} ({what})") + (f"; {len(outcome.failed)} failed" if outcome.failed else "")
