"""What all verbs share: the application, its options, and reading a configuration."""

from pathlib import Path
from typing import Annotated

import typer

from hitsr.configuration import read_yaml, resolve
from hitsr.configuration.ablations import all_methods
from hitsr.errors import ConfigError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Benchmark super-resolution networks: every number of a table, measured.

    `snakemake --cores 8 all` calls these verbs in order; each also works alone:
    **download** public data sets, **prepare** images, look for **leaks**, **train**, **restore** (super-resolve),
    **score**, **count**, **time**, **attribute**, **collect**, choose **crops**, **render**. **plan** tells before
    what a run will take. **upscale** super-resolves any images of yours.
    """,
)

CONFIG = Annotated[
    Path,
    typer.Option("--config", "-c", help="Configuration of the run (YAML or JSON); docs/configuration.md has all keys."),
]
METHOD = Annotated[str, typer.Option(help="A method of the configuration, such as HiT-SIR.")]
DATASET = Annotated[str, typer.Option(help="A data set of the configuration.")]
SCALE = Annotated[int, typer.Option(help="Scale factor: 2, 3 or 4.")]
SEED = Annotated[int, typer.Option(help="Seed of the training.")]
DATA = Annotated[Path, typer.Option(help="Folder of the prepared data sets.")]
OUTPUT = Annotated[Path, typer.Option("--output", "-o", help="File to write.")]
DEFAULT_CONFIG = Path("config/config.yaml")


def read_config(path: Path) -> dict:
    """The complete configuration of a file."""
    return resolve(read_yaml(path))


def read_dataset(path: Path, dataset: str) -> tuple[dict, dict]:
    """The configuration of a file, and one of its data sets.

    Raises:
        ConfigError: no such data set.
    """
    settings = read_config(path)
    if dataset not in settings["datasets"]:
        raise ConfigError(f"unknown data set {dataset!r}; {path} has {', '.join(settings['datasets'])}")
    return settings, settings["datasets"][dataset]


def read_method(path: Path, method: str) -> tuple[dict, dict]:
    """The configuration of a file, and one of its methods.

    Raises:
        ConfigError: no such method.
    """
    settings = read_config(path)
    known = all_methods(settings)
    if method not in known:
        raise ConfigError(f"unknown method {method!r}; {path} has {', '.join(known)}")
    return settings, known[method]
