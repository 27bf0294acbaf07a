"""Verbs for those who add a baseline."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import app
from hitsr.cli.checking import check_app
from hitsr.errors import printable

new_app = typer.Typer(no_args_is_help=True, help="Make the beginning of something new: `hitsr new baseline My-Net`.")
app.add_typer(new_app, name="new")
TICKS = {True: "[bold green]✓[/]", False: "[bold red]✗[/]", None: "[dim]–[/]"}
WIDTH = 16
"""Letters of the longest title of a trial, and space."""


@new_app.command("baseline")
def new_baseline(
    name: Annotated[str, typer.Argument(help="As tables print it, such as My-Net.")],
    folder: Annotated[
        Path | None, typer.Option(help="Folder to make it in; baselines/ of the suite if left out.", show_default=False)
    ] = None,
) -> None:
    """Make a baseline: a folder with a small network that works, to be changed into yours."""
    from hitsr.contributing import new

    made = new.make(name, folder)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"made: {escape(printable(str(_relative(made))))} with {_files(made)}, which work as they are. Next:")
    for command, what in new.next_commands(name, _relative(made)):
        console.print(f"\n    [cyan]{escape(printable(command))}[/]\n      {escape(what)}")


@check_app.command("baseline")
def check_baseline(
    name: Annotated[str, typer.Argument(help="A baseline: its name, or that of its folder.")],
    folder: Annotated[
        Path | None, typer.Option(help="Its folder, where that is not in baselines/.", show_default=False)
    ] = None,
    workflow: Annotated[bool, typer.Option(help="Run it through a small workflow at the end.")] = True,
) -> None:
    """Try all that the suite will do with a baseline, in about a minute; exit status 1 if something fails.

    It is built at its scales, gives images of the right size for odd inputs, computes each image alone, its gradient is
    that of finite differences, its loss falls, its weights survive writing and reading, it is counted and timed, and a
    small workflow trains, scores and reports it. An external program goes through the workflow alone.
    """
    from hitsr.contributing import check

    entry, plugins = check.declared(name, folder)
    console = Console(highlight=False, soft_wrap=True)
    failed = False
    for found in check.tried(entry, plugins, workflow):
        time = f" [dim]{found.seconds:.1f} s[/]" if found.passed is not None else ""
        console.print(f"{TICKS[found.passed]} {found.title:<{WIDTH}}{escape(printable(found.said))}{time}")
        failed |= found.passed is False
    if failed:
        raise typer.Exit(1)


def _relative(path: Path) -> Path:
    """A path as short as it can be said from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _files(folder: Path) -> str:
    return " and ".join(sorted(path.name for path in folder.iterdir()))
