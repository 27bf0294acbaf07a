"""What a run takes, before it starts."""

from pathlib import Path
from typing import Annotated

import typer

from hitsr.cli.app import DEFAULT_CONFIG, app, read_config


@app.command()
def plan(
    config: Annotated[
        Path, typer.Option("--configfile", "--config", "-c", help="Configuration of the run (YAML or JSON).")
    ] = DEFAULT_CONFIG,
    gpus: Annotated[
        int, typer.Option("--gpus", min=1, help="Devices that train at once: GPUs, or cores without one.")
    ] = 1,
    step_time: Annotated[
        list[str] | None,
        typer.Option(
            "--step-time",
            metavar="METHOD=SECONDS",
            help="Time of a step of the whole batch on the GPU you have in mind, instead of measuring here; repeat it "
            "for every method. Variants and controls of a method take its time.",
        ),
    ] = None,
    step_times: Annotated[
        Path | None,
        typer.Option("--step-times", help="The same from a CSV file, such as `hitsr plan --output x.csv` wrote there."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Measure again what is remembered.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write the plan: .json, .md, or .csv with step times.")
    ] = None,
) -> None:
    """What a run will take: trainings, iterations, hours, jobs, disk and memory, and the command that runs it.

    Nothing is run but a step or two of each network, to time it; times are remembered in results/step_times.json and
    measured again only where the network, the batch, PyTorch or the machine changed. Jobs are those of Snakemake's dry
    run: what is done already is not counted. Memory is of one step, beyond the program and the weights.
    """
    from hitsr.planning import plan as planner
    from hitsr.planning import show
    from hitsr.planning.given import given
    from hitsr.planning.steps import steps

    if output is not None:
        show.check_ending(output)
    settings = read_config(config)
    known = given(settings, step_times, step_time or [])

    def steps_of(wanted: list) -> dict:
        if known:
            return known
        measured = steps(dict.fromkeys(training.work for training in wanted), min(settings["scales"]), again)
        return {training.method: measured[training.work] for training in wanted}

    made = planner.make(settings, config, gpus, steps_of, given=bool(known))
    show.show(made)
    if output is not None:
        show.write(made, output)


@app.command()
def clean(
    run: Annotated[str, typer.Argument(help="Name of the run.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a run with everything that belongs to it: results, logs, saved states, reports. Data sets stay."""
    import shutil

    from hitsr.errors import ResultError
    from hitsr.results import locks
    from hitsr.results.layout import Layout

    layout = Layout(run)
    folders = [folder for folder in (layout.results, layout.reports) if folder.is_dir()]
    if Path(run).name != run or run in (".", "..") or not folders:
        raise ResultError(f"{run}: no run of this name in results/ or reports/ of this folder")
    if not yes:
        typer.confirm(f"Remove {' and '.join(map(str, folders))}?", abort=True)
    locks.take(layout)
    for folder in folders:
        shutil.rmtree(folder)
    # taking the lock may have made the folder again
    locks.give_back(layout)
    shutil.rmtree(layout.results, ignore_errors=True)
