"""The command line: one verb per step of a run, each of which also works without the workflow."""

import sys

from rich.console import Console
from rich.markup import escape

from hitsr.cli import checking, planning, data, weights, steps, measurements  # isort: skip (the order of `hitsr --help`)
from hitsr.cli import reports, runs, tensorboard, upscale, exporting, contributing, listings  # isort: skip
from hitsr.cli.app import app
from hitsr.errors import HitsrError

__all__ = [
    "app", "checking", "contributing", "data", "exporting", "listings", "main", "measurements", "planning", "reports",
    "runs", "steps", "tensorboard", "upscale", "weights",
]  # fmt: skip


def main() -> None:
    """Run a verb; an error that the user can cure is one line and exit status 1."""
    try:
        app()
    except HitsrError as error:
        Console(stderr=True).print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)
