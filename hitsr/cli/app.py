"""What all verbs share: the application, its options, and what a step is given."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from hitsr.configuration import read_yaml, resolve
from hitsr.errors import ConfigError, ResultError
from hitsr.results.layout import Layout

if TYPE_CHECKING:
    from hitsr.configuration.steps import AttributeSettings, RestoreSettings, Step

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Benchmark super-resolution networks: every number of a table, measured.

    `snakemake --cores 8 all` calls these verbs in order; each also works alone:
    **download** public data sets, **fetch** published weights, **prepare** images, look for **leaks**, **train**,
    **restore** (super-resolve), **score**, **count**, **time**, **attribute**, **collect**, choose **crops**,
    **render**. **plan** tells before what a run will take. **upscale** super-resolves any images of yours.
    """,
)

CONFIG = Annotated[
    Path,
    typer.Option("--config", "-c", help="Configuration of the run (YAML or JSON); docs/configuration.md has all keys."),
]
SETTINGS = Annotated[
    Path | None,
    typer.Option(help="What the workflow has this step do (results/RUN/settings/), instead of --config and the names."),
]
METHOD = Annotated[str | None, typer.Option(help="A method of the configuration, such as HiT-SIR.")]
DATASET = Annotated[str | None, typer.Option(help="A data set of the configuration.")]
SCALE = Annotated[int | None, typer.Option(help="Scale factor: 2, 3 or 4.")]
SEED = Annotated[int, typer.Option(help="Seed of the training.")]
DATA = Annotated[
    Path | None,
    typer.Option(help="Folder of the prepared data sets; results/RUN/data if left out.", show_default=False),
]
OUTPUT = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File to write; its place in results/RUN if left out.", show_default=False),
]
DEFAULT_CONFIG = Path("config/config.yaml")
Given = TypeVar("Given", bound="Step")


def read_config(path: Path) -> dict:
    """The complete configuration of a file."""
    return resolve(read_yaml(path))


def given(kind: type[Given], settings: Path | None, config: Path, **wildcards: object) -> tuple[Given, Layout]:
    """What a step is given, by the workflow in a file or by a person as a configuration with names; where its run lies.

    Args:
        wildcards: what tells the jobs of the step apart, such as `method`.

    Raises:
        ConfigError: neither a file of settings nor all names are given, or the configuration does not have them.
        ResultError: the file is damaged, of another step, or not in its place.
    """
    if settings is not None:
        from hitsr.results import locks
        from hitsr.results.settings import read_settings

        layout = layout_of(settings)
        locks.join(layout)
        return read_settings(settings, kind), layout
    lacking = [name for name, value in wildcards.items() if value is None]
    if lacking:
        raise ConfigError(f"--{lacking[0]} is missing: say which {lacking[0]} of {config}")
    from hitsr.configuration.steps import Steps

    resolved = read_config(config)
    step = Steps(resolved).make(kind.noun, **wildcards)
    assert isinstance(step, kind)
    return step, Layout(resolved["run"])


def layout_of(settings: Path) -> Layout:
    """The run that a file of settings belongs to: it lies in results/RUN/settings/.

    Raises:
        ResultError: it does not.
    """
    results, run, folder = settings.parent.parent.parent, settings.parent.parent.name, settings.parent.name
    if (results.name, folder) != ("results", "settings"):
        raise ResultError(f"{settings}: expected a file in results/RUN/settings/, where the workflow puts it")
    return Layout(run, results.parent)


def test_sets(settings: Path | None, config: Path, dataset: str | None) -> list[str | None]:
    """The data set that a verb is about, or all test sets of the configuration where it was given none."""
    return [dataset] if settings or dataset else read_config(config)["test_sets"]


def weights_of(step: "RestoreSettings | AttributeSettings", layout: Layout) -> Path:
    """The file of weights that a step is to use: given, fetched by the workflow, or trained by it.

    Raises:
        ResultError: they have to be fetched first.
    """
    if step.given is None and step.fetched is not None:
        from hitsr.results.records import read_record

        return Path(read_record(Path(step.fetched))["file"])
    return Path(step.given or layout.weights(step.method, step.scale, step.seed))


def renamed(old: str, new: str) -> None:
    """Say that a verb or option has another name now; the old one goes with the next release."""
    print(f"note: `hitsr {old}` is called `hitsr {new}` now; the old name goes with the next release", file=sys.stderr)
