"""The verb that writes the scalars of trainings for TensorBoard."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hitsr.cli.app import app
from hitsr.errors import ResultError, printable

EVERY = 10
"""Seconds between two looks at trainings that are running."""


@app.command()
def tensorboard(
    run: Annotated[str, typer.Argument(help="A run of results/.")] = "demo",
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what running trainings save, until Ctrl-C.")
    ] = False,
) -> None:
    """Write loss, validation PSNR and time of a run's trainings for TensorBoard, into results/RUN/tensorboard/.

    Of a training that is running, up to its last saved state (`train.checkpoint_every`). It reads and changes nothing
    of a run, so it may be called at any time.

    **Example:** `hitsr tensorboard demo --follow`, and beside it `tensorboard --logdir results/demo/tensorboard`
    """
    from hitsr.results.layout import Layout
    from hitsr.training import scalars

    scalars.require()
    layout, console = Layout(run), Console(highlight=False, soft_wrap=True)
    if not layout.results.is_dir():
        raise ResultError(
            f"{layout.results}: no such run; there are {', '.join(_runs(layout.results.parent)) or 'none'}"
        )
    known: dict[Path, scalars.Curves] = {}
    try:
        while True:
            for each in scalars.curves(layout):
                known.setdefault(each.training, each)
            count = sum(each.update() for each in known.values())
            if count or not follow:
                said = f"{count} scalars of {len(known)} trainings: tensorboard --logdir {layout.tensorboard}"
                console.print(escape(printable(said)))
            if not follow:
                break
            time.sleep(EVERY)
    except KeyboardInterrupt:
        pass
    finally:
        for each in known.values():
            each.close()


def _runs(results: Path) -> list[str]:
    return sorted(path.name for path in results.glob("*") if (path / "config.json").is_file())
