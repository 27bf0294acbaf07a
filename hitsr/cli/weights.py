"""Verbs about published weights: which there are, getting them, and whether those that are here are right."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import CONFIG, DEFAULT_CONFIG, METHOD, SCALE, SETTINGS, app, given
from hitsr.configuration.weights import VARIABLE, catalogue, published, weights_root
from hitsr.errors import CheckpointError, HitsrError

SCALES = (2, 3, 4)
FACTS = ("licence", "trained_on", "layout")
weights = typer.Typer(no_args_is_help=True, help="List, get and check the weights that authors have published.")
app.add_typer(weights, name="weights")

ROOT = Annotated[
    Path | None,
    typer.Option(help=f"Folder of the weights; that of {VARIABLE}, or `weights`, if left out.", show_default=False),
]
NETWORKS = Annotated[list[str] | None, typer.Argument(help="Networks, such as IMDN; all if left out.")]
ONE_SCALE = Annotated[int | None, typer.Option(min=2, max=4, help="One scale; all if left out.")]


@weights.command("list")
def show(networks: NETWORKS = None, root: ROOT = None) -> None:
    """List the published weights: where each is on this machine, or how to get it; licence and source."""
    folder, console = weights_root(root), _console()
    console.print(
        f"Under {escape(str(folder))}/; a configuration names them by `methods: {{IMDN: {{weights: published}}}}`"
    )
    for network in networks or catalogue():
        entry = published(network)
        facts = [f"{key.replace('_', ' ')}: {entry[key]}" for key in FACTS if key in entry]
        console.print(f"[bold]{escape(network)}[/]  {escape('; '.join([entry['source'], *facts]))}")
        for scale in SCALES:
            console.print(f"    x{scale} {_where(network, scale, folder)}")


def _where(network: str, scale: int, folder: Path) -> str:
    from hitsr.configuration.published_weights import by_hand, find, homes_of

    try:
        path = find(network, scale, folder)
    except CheckpointError as error:
        return f"[yellow]not usable:[/] {escape(str(error))}"
    if path is not None:
        return f"[green]found:[/] {escape(str(path))}"
    homes = homes_of(network, scale)
    return f"[cyan]{escape(homes[0])}[/]" if homes else escape(by_hand(network, scale))


@weights.command()
def get(networks: NETWORKS = None, scale: ONE_SCALE = None, root: ROOT = None) -> None:
    """Get published weights: what is there under a customary name is taken, the rest downloaded.

    An interrupted download goes on where it was. Sizes and checksums are checked where they are known. What can only
    be got by hand is named at the end.
    """
    from hitsr.data.fetch_weights import fetch

    folder, errors, failed = weights_root(root), _console(stderr=True), []
    for network, each in _chosen(networks, scale):
        try:
            path = fetch(network, each, folder, lambda text: errors.print(escape(text)))
            _console().print(f"{escape(network)} x{each}: {escape(str(path))}")
        except HitsrError as error:
            failed.append(str(error))
    if failed:
        raise CheckpointError("; ".join(failed))


@app.command()
def fetch(
    method: METHOD = None, scale: SCALE = None, config: CONFIG = DEFAULT_CONFIG, settings: SETTINGS = None
) -> None:
    """Get the published weights of a method of a run (`weights: published`), and record which file they are.

    As `hitsr weights get`: what is there is taken, the rest downloaded, checked for size and checksum where known.
    """
    from hitsr.configuration.steps import FetchSettings
    from hitsr.data.contents import sha256_of
    from hitsr.data.fetch_weights import fetch
    from hitsr.results.provenance import Stopwatch
    from hitsr.results.records import write_record

    step, layout = given(FetchSettings, settings, config, method=method, scale=scale)
    watch, errors = Stopwatch(), _console(stderr=True)
    path = fetch(step.network, step.scale, Path(step.weights_root), lambda text: errors.print(escape(text)))
    _console().print(f"{escape(step.method)} x{step.scale}: {escape(str(path))}")
    identity = {"kind": "weights", "method": step.method, "scale": step.scale, "network": step.network}
    found = {"file": str(path), "sha256": sha256_of(path)}
    write_record(
        layout.fetched(step.method, step.scale),
        {**identity, **found, "provenance": watch.provenance(**step.origin)},
    )


@weights.command()
def check(networks: NETWORKS = None, scale: ONE_SCALE = None, root: ROOT = None) -> None:
    """Check the weights that are here: size and checksum, where they are known, and that they load strictly."""
    from hitsr.checkpoints.loading import load_official_file
    from hitsr.configuration.published_weights import find
    from hitsr.networks.registry import build

    folder, console, wrong, count = weights_root(root), _console(), 0, 0
    for network, each in _chosen(networks, scale):
        try:
            path = find(network, each, folder)
            if path is None:
                continue
            count += 1
            model = build(network, each)
            steps = load_official_file(model, path)
        except HitsrError as error:
            wrong += 1
            console.print(f"{escape(network)} x{each} [red]wrong:[/] {escape(str(error))}")
            continue
        numbers = sum(parameter.numel() for parameter in model.parameters())
        said = "".join(f"; {step}" for step in steps)
        fits = escape(f"{path}, {numbers:,} parameters{said}")
        console.print(f"{escape(network)} x{each} [green]fits:[/] {fits}")
    if wrong:
        raise CheckpointError(f"{wrong} of the published weights under {folder}/ are not usable; see above")
    if not count:
        console.print(f"None are under {escape(str(folder))}/; `hitsr weights list` says how to get them")


def _chosen(networks: list[str] | None, scale: int | None) -> Iterator[tuple[str, int]]:
    for network in networks or catalogue():
        published(network)
        for each in SCALES if scale is None else (scale,):
            yield network, each


def _console(stderr: bool = False) -> Console:
    return Console(stderr=stderr, highlight=False, soft_wrap=True)
